import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { DriverOptions, FallbackDriver } from '../../../src/core/fallback-driver.js';
import type { Schema } from '../../../src/core/schema.js';
import { typeormDriver } from '../../../src/fallbacks/typeorm/driver.js';
import type { FallbackContext } from '../../../src/testing/fallback-conformance.js';

/** Options for a driver in tests. */
export const driverOptions = (more: Partial<DriverOptions> = {}): DriverOptions => ({
  synchronize: true,
  clock: { now: Date.now, after: () => () => {} },
  logger: { info: () => {}, warn: () => {}, error: () => {} },
  statementTimeout: 10_000,
  ...more,
});

/** A name that no other test and no other run uses. */
export const uniqueName = (name: string): string => `${name}_${randomBytes(4).toString('hex')}`;

/** A driver opened on `source`, which is closed by `closing`. */
export async function openDriver(
  source: string | DataSource,
  schemas: readonly Schema[],
  more: Partial<DriverOptions> = {},
): Promise<FallbackDriver> {
  const driver = typeormDriver({ source, name: 'sql' });
  await driver.open(schemas, driverOptions(more));
  return driver;
}

/** Conformance on a server: each `open` gets tables of its own, by the prefix that `place` puts before their names. */
export function onServer(place: (run: string) => { open(): Promise<string>; drop(): Promise<void> }): {
  context(): FallbackContext;
  dropAll(): Promise<void>;
} {
  const places: { drop(): Promise<void> }[] = [];
  return {
    context() {
      let url: string;
      const start: FallbackContext['open'] = async (schemas, options) => {
        const driver = typeormDriver({ source: url });
        await driver.open(schemas, options);
        return driver;
      };
      return {
        async open(schemas, options) {
          const fresh = place(uniqueName('holdfast'));
          places.push(fresh);
          url = await fresh.open();
          return start(schemas, options);
        },
        reopen: start,
      };
    },
    async dropAll() {
      for (const fresh of places.splice(0)) await fresh.drop();
    },
  };
}
