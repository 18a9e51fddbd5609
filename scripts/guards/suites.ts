import type { Suite } from './mutation.js';

/** Tests, in groups that are run by a process each: the quick ones first. */
export interface Tests {
  /** The project of Jest that they are in. */
  readonly project: string;
  readonly groups: readonly (readonly string[])[];
}

/** The tests that are to catch a guard taken out. */
export const SUITES: Readonly<Record<Suite, Tests>> = {
  process: {
    project: 'unit',
    groups: [
      [
        'test/tiers/fenced-memory.test.ts',
        'test/tiers/outbox.test.ts',
        'test/tiers/collections.test.ts',
        'test/tiers/outbox-strangers.test.ts',
        'test/tiers/guards.test.ts',
        'test/tiers/guards-connection.test.ts',
        'test/tiers/guards-open.test.ts',
        'test/tiers/unknown-outcome.test.ts',
        'test/tiers/held-locks.test.ts',
        'test/tiers/step-batch.test.ts',
        'test/hot/memory.test.ts',
        'test/repository/loads.test.ts',
        'test/repository/reads.test.ts',
        'test/repository/health.test.ts',
        'test/repository/outages.test.ts',
        'test/repository/closing.test.ts',
        'test/policies/single-flight.test.ts',
      ],
      [
        'test/chaos/refusals.test.ts',
        'test/chaos/hang.test.ts',
        'test/chaos/cut-commit.test.ts',
        'test/chaos/races.test.ts',
        'test/chaos/interrupted.test.ts',
      ],
      ['test/repository/histories.test.ts'],
    ],
  },
  redis: {
    project: 'server',
    groups: [
      [
        'test/hot/redis-collection.server.test.ts',
        'test/hot/redis-single.server.test.ts',
        'test/tiers/fenced-redis.server.test.ts',
        'test/hot/redis-corrupt.server.test.ts',
        'test/hot/redis-corrupt-flag.server.test.ts',
        'test/hot/redis-faults.server.test.ts',
        'test/hot/redis-places.server.test.ts',
        'test/hot/equivalence.server.test.ts',
        'test/hot/redis-lock.server.test.ts',
        'test/hot/redis-channel.server.test.ts',
        'test/hot/redis-channel-faults.server.test.ts',
      ],
      ['test/chaos/old-file.server.test.ts', 'test/chaos/refusals.server.test.ts', 'test/chaos/races.server.test.ts'],
      ['test/chaos/interrupted.server.test.ts'],
    ],
  },
};
