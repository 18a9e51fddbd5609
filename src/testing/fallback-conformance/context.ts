import type { DriverOptions, FallbackDriver } from '../../core/fallback-driver.js';
import type { Schema } from '../../core/schema.js';

/** What a driver's own test gives the conformance suite. */
export interface FallbackContext {
  /** A driver, opened on a store that is fresh and empty for these schemas. */
  open(schemas: readonly Schema[], options: DriverOptions): Promise<FallbackDriver>;
  /** A driver, opened on the store of the last `open`, with all that it holds. */
  reopen(schemas: readonly Schema[], options: DriverOptions): Promise<FallbackDriver>;
  /**
   * For stores that take the time from a server: waits until so many milliseconds have really passed. Left out, the suite
   * moves the clock on that it gives in the options.
   */
  pass?(ms: number): Promise<void>;
}

/** One thing that a driver must do; the name is a sentence, `run` throws where it does not. */
export interface ConformanceCase<Context> {
  readonly name: string;
  run(context: Context): Promise<void>;
}
