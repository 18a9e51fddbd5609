import BetterSqlite3 from 'better-sqlite3';
import { UserValues } from 'holdfast/values';
import type { BenchCase, BenchContext } from '../harness/case.js';
import { atOnce } from './databases.js';

const USERS = 1000;
const KEYS = 10;

interface Cart {
  readonly id: number;
  readonly name: string;
  readonly items: readonly { readonly sku: string; readonly count: number }[];
  readonly note: string;
}

/** About 1 KB of JSON. */
const cart = (id: number): Cart => ({
  id,
  name: `cart ${id}`,
  items: Array.from({ length: 10 }, (_, at) => ({ sku: `sku-${at}-${id % 97}`, count: at })),
  note: 'x'.repeat(600),
});

/** Calls that follow each other are of other users, in no order that a page would help. */
const place = (n: number): readonly [user: string, key: string] => [`user-${(n * 101) % USERS}`, `key-${n % KEYS}`];

/** What one would write by hand: JSON in a table with a unique index on user and key. */
function bare(context: BenchContext) {
  const db = new BetterSqlite3(`${context.folder}/bare-values.sqlite`);
  db.pragma('journal_mode = WAL');
  db.pragma(`synchronous = ${context.disk ? 'full' : 'normal'}`);
  db.exec('CREATE TABLE v (user TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (user, key))');
  const put = db.prepare(
    'INSERT INTO v (user, key, value) VALUES (?, ?, ?) ON CONFLICT (user, key) DO UPDATE SET value = excluded.value',
  );
  const take = db.prepare<[string, string], { value: string }>('SELECT value FROM v WHERE user = ? AND key = ?');
  return {
    store: (user: string, key: string, value: unknown) => put.run(user, key, JSON.stringify(value)),
    get: (user: string, key: string) => JSON.parse(take.get(user, key)!.value) as Cart,
    close: () => db.close(),
  };
}

/** Values of users in a SQLite file, beside better-sqlite3 with as durable a file. */
export const userValues: BenchCase = {
  name: 'values',
  needs: [],
  async open(context) {
    const plain = bare(context);
    const durability = context.disk ? 'full' : 'normal';
    const values = await UserValues.open({ location: `${context.folder}/values.sqlite`, durability });
    for (let n = 0; n < USERS * KEYS; n++) {
      const [user, key] = [`user-${n % USERS}`, `key-${Math.floor(n / USERS)}`];
      plain.store(user, key, cart(n));
      await values.store(user, key, cart(n));
    }
    const few = await UserValues.open({ location: `${context.folder}/few-values.sqlite`, durability });
    for (let n = 0; n < 10; n++)
      await few.storeMany(`user-${n}`, Object.fromEntries(Array.from({ length: KEYS }, (_, at) => [`key-${at}`, at])));
    let edition = 0;
    return {
      comparisons: [
        {
          title: 'keys of a user with ten values, one at a time',
          concurrency: 1,
          variants: [
            { name: `one of ${USERS} users`, run: (n: number) => values.keys(place(n)[0]) },
            { name: 'one of 10 users', run: (n: number) => few.keys(`user-${n % 10}`), aim: 0.8 },
          ],
        },
        ...[1, 50].flatMap((concurrency) => [
          {
            title: `get, ${atOnce(concurrency)}`,
            concurrency,
            variants: [
              { name: 'get', run: (n: number) => values.get(...place(n)) },
              { name: 'better-sqlite3 and JSON', run: (n: number) => plain.get(...place(n)), aim: 0.6 },
            ],
          },
          {
            title: `store over a value, ${atOnce(concurrency)}`,
            concurrency,
            variants: [
              { name: 'store', run: (n: number) => values.store(...place(n), cart(n)) },
              { name: 'better-sqlite3 and JSON', run: (n: number) => plain.store(...place(n), cart(n)), aim: 0.6 },
            ],
          },
          {
            title: `store a new value, ${atOnce(concurrency)}`,
            concurrency,
            variants: [
              { name: 'store', run: (n: number) => values.store(place(n)[0], `new-${++edition}`, cart(n)) },
              {
                name: 'better-sqlite3 and JSON',
                run: (n: number) => plain.store(place(n)[0], `new-${++edition}`, cart(n)),
                aim: 0.6,
              },
            ],
          },
        ]),
      ],
      close: async () => {
        plain.close();
        await few.close();
        await values.close();
      },
    };
  },
};
