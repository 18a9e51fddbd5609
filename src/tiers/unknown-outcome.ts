import type { Clock } from '../core/clock.js';
import { StoreFault } from '../core/fallback-driver.js';

/** A write that was given up, of which nobody knows yet what became. */
export interface UnknownWrite {
  /** What it was given up with. */
  readonly fault: StoreFault;
  readonly clock: Clock;
  /** Takes it out of its locks, and makes its keys cold. */
  release(): Promise<void>;
}

/** Whether a write may have been made, or may yet be. */
export const isUnknown = (error: unknown): error is StoreFault =>
  error instanceof StoreFault && error.outcome === 'unknown';

/**
 * Releases the locks of a write when its statement cannot land any more. One that has not ended by then does not hold them, nor
 * whoever waits for this, any longer: its keys are released once more when it does end.
 */
export async function releaseWhenKnown(write: UnknownWrite): Promise<void> {
  const { fault, clock, release } = write;
  const { late } = await ended(fault, clock);
  await release();
  void late?.then((end) => (isUnknown(end) ? releaseWhenKnown({ ...write, fault: end }) : release()));
}

/** Waits for the end of the statement behind a fault, but no longer than it may take to land; `late` is the end that it did not wait for. */
async function ended(fault: StoreFault, clock: Clock): Promise<{ readonly late?: Promise<unknown> }> {
  const end = fault.settled?.catch((error: unknown) => error);
  const seen = await within(
    end?.then((error) => ({ error })),
    fault.unknownFor,
    clock,
  );
  if (!seen) return end ? { late: end } : {};
  return isUnknown(seen.error) ? ended(seen.error, clock) : {};
}

/** What `work` gives, or `undefined` after `ms` milliseconds. */
function within<T>(work: Promise<T> | undefined, ms: number, clock: Clock): Promise<T | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => resolve(undefined));
    void work?.then((value) => {
      cancel();
      resolve(value);
    });
  });
}
