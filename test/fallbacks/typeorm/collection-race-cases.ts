import { expect } from '@jest/globals';
import type { FallbackDriver, KeyedChange, WriteResult } from '../../../src/core/fallback-driver.js';
import { sampleCollection } from '../../../src/testing/sample-collections.js';
import { sampleSchema } from '../../../src/testing/sample-schema.js';
import { playlist } from './collection-cases.js';
import { adding, collecting, deleting, puttingMembers, removing, textsIn } from './collection-context.js';
import { done, openDriver, putting } from './context.js';
import type { TestDatabase } from './databases.js';
import type { SqlCase } from './sql-cases.js';

const times = <T>(count: number, call: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => call(at));

/** Drivers of their own, as several processes have them. */
async function several<T>(
  database: TestDatabase,
  work: (write: (at: number, ...changes: KeyedChange[]) => Promise<WriteResult>) => Promise<T>,
  url = database.url,
): Promise<T> {
  const drivers: FallbackDriver[] = [];
  for (let at = 0; at < 3; at++) drivers.push(await openDriver(url, [playlist, person]));
  try {
    return await work((at, ...changes) => done(drivers[at % 3]!, ...changes));
  } finally {
    for (const driver of drivers) await driver.close();
  }
}

const person = sampleSchema({ name: 'person', fields: { name: 'string' } });

const orphans = (database: TestDatabase) =>
  database.sql(
    'SELECT m."id", m."member" FROM "playlist_tracks" m LEFT JOIN "playlist" h ON h."id" = m."id" WHERE h."id" IS NULL',
  );

/** Adders and removers of one collection, and who deletes it now and then: afterwards it must be one that some order of them leaves. */
async function deleteAmong(database: TestDatabase, url = database.url): Promise<void> {
  await several(
    database,
    async (write) => {
      for (let round = 0; round < 6; round++) {
        await Promise.all([
          ...times(12, (at) =>
            write(
              at,
              adding(playlist, 'a', [
                [`m${at}`, at],
                [`n${at}`, at],
              ]),
            ),
          ),
          ...times(12, (at) => write(at, removing(playlist, 'a', `m${(at + 3) % 12}`))),
          ...times(3, (at) => write(at, deleting(playlist, 'a'))),
          ...times(3, (at) => write(at, puttingMembers(playlist, 'a', [['put', at]]))),
          ...times(3, (at) => write(at, collecting(playlist, 'a', { type: 'increment', text: 'sum', by: 1 }))),
        ]);
        expect(await orphans(database)).toEqual([]);
        await write(0, deleting(playlist, 'a'));
        expect(await database.sql('SELECT * FROM "playlist_tracks"')).toEqual([]);
        // What is acknowledged after the last delete is there.
        await Promise.all(times(10, (at) => write(at, adding(playlist, 'a', [[`m${at}`, at]]))));
        expect(await database.sql('SELECT count(*) AS n FROM "playlist_tracks"').then(([row]) => Number(row!.n))).toBe(
          10,
        );
      }
    },
    url,
  );
}

export const collectionRaceCases: readonly SqlCase[] = [
  {
    name: 'members of a collection that others delete at the same time go with it',
    run: (database) => deleteAmong(database),
  },
  {
    name: 'where transactions see the database as it was at their beginning, that holds too',
    async run(database) {
      if (database.type === 'better-sqlite3') return;
      const url = new URL(database.url);
      if (database.type === 'postgres')
        url.searchParams.set(
          'options',
          `${url.searchParams.get('options')} -c default_transaction_isolation=repeatable\\ read`,
        );
      await deleteAmong(database, url.href);
    },
  },
  {
    name: 'of adders and removers of the same members in one write or in several, each member is counted once',
    async run(database) {
      await several(database, async (write) => {
        const results = await Promise.all(
          times(30, (at) => {
            const [first, second] = at % 2 ? ['a', 'b'] : ['b', 'a'];
            const texts = at % 2 ? ['x', 'y', 'z'] : ['z', 'y', 'x'];
            const members = texts.map((text) => [text, at] as const);
            return write(
              at,
              adding(playlist, first!, members),
              putting(person, 'p', { name: `${at}` }),
              adding(playlist, second!, members),
            );
          }),
        );
        const fresh = results.flatMap((result) =>
          result.done ? result.outcomes.map(({ answer }) => answer?.numbers[0] ?? 0) : [],
        );
        expect(fresh.reduce((sum, n) => sum + n, 0)).toBe(6);
        const removed = await Promise.all(
          times(20, (at) => write(at, removing(playlist, 'a', 'z', 'y', 'x'), removing(playlist, 'b', 'x', 'z'))),
        );
        const gone = removed.flatMap((result) =>
          result.done ? result.outcomes.map(({ answer }) => answer!.numbers[0]!) : [],
        );
        expect(gone.reduce((sum, n) => sum + n, 0)).toBe(5);
      });
    },
  },
  {
    name: 'one that has expired is made anew by one of many, without its old members',
    async run(database) {
      let now = Date.now();
      const clock = { now: () => now, after: () => () => {} };
      const limited = sampleCollection({ name: 'limited', structure: 'list', limit: 5 });
      const driver = await openDriver(database.url, [playlist, limited], { clock });
      for (let round = 0; round < 5; round++) {
        await done(driver, puttingMembers(playlist, 'a', [['old', 1]], { expiresAt: now + 1_000 }));
        await done(driver, puttingMembers(limited, 'a', ['old'], { expiresAt: now + 1_000 }));
        now += 900 + 200;
        const results = await Promise.all([
          ...times(15, (at) => done(driver, adding(playlist, 'a', [[`m${at}`, at]], now + 1_000))),
          ...times(15, (at) =>
            done(driver, collecting(limited, 'a', { type: 'push', end: 'last', texts: [`m${at}`] })),
          ),
        ]);
        const made = results.filter((result) => result.done && !result.outcomes[0]!.existed);
        expect(made).toHaveLength(2);
        expect(await textsIn(driver, playlist, 'a')).toEqual(times(15, (at) => `m${at}`));
        const kept = (await textsIn(driver, limited, 'a'))!;
        expect(kept).toHaveLength(5);
        expect(kept).not.toContain('old');
        await done(driver, deleting(limited, 'a'));
      }
      await driver.close();
    },
  },
];
