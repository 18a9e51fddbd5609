import { expect } from '@jest/globals';
import type { CollectionQuestion } from '../../../src/core/collection.js';
import { MetadataError, ValidationError } from '../../../src/core/errors.js';
import type { KeyedChange } from '../../../src/core/fallback-driver.js';
import { geohashOf } from '../../../src/core/geo.js';
import type { Schema } from '../../../src/core/schema.js';
import {
  type SampleCollectionOptions,
  sampleCollection,
  sampleQuery,
} from '../../../src/testing/sample-collections.js';
import { sampleKey, sampleSchema } from '../../../src/testing/sample-schema.js';
import { adding, ask, collecting, puttingMembers, removing, textsIn } from './collection-context.js';
import { done, openDriver, withDriver } from './context.js';
import type { TestDatabase } from './databases.js';
import { ofUser, pendingSql, type SqlCase } from './sql-cases.js';
import { watched } from './watched.js';

/** A schema of collections whose property has a column of its own name. */
const collection = (column: string, options: SampleCollectionOptions): Schema => {
  const schema = sampleCollection(options);
  return { ...schema, fields: [{ ...schema.fields[0]!, column, name: column }] };
};

export const playlist = collection('tracks', { name: 'playlist', structure: 'sorted-set' });
export const map = collection('points', { name: 'map', structure: 'geo-set' });
const log = collection('items', { name: 'log', structure: 'list' });
const tags = collection('items', { name: 'tags', structure: 'set' });
// Names that the columns of members would have.
const odd = collection('from-to', {
  name: 'order',
  structure: 'sorted-set',
  keys: { member: 'string', Score: 'integer', _exact: 'bigint' },
});
const all = [playlist, map, log, tags, odd];

const columnsOf = async (database: TestDatabase, table: string): Promise<string[]> => {
  const rows =
    database.type === 'better-sqlite3'
      ? await database.sql(`SELECT name FROM pragma_table_info('${table}')`)
      : await database.sql(
          `SELECT column_name AS name FROM information_schema.columns WHERE table_name = '${table}' AND table_schema = ${database.type === 'postgres' ? 'current_schema()' : 'DATABASE()'} ORDER BY ordinal_position`,
        );
  return rows.map(({ name }) => String(name));
};

const count = async (database: TestDatabase, table: string): Promise<number> =>
  Number((await database.sql(`SELECT count(*) AS n FROM "${table}"`))[0]!.n);

const slice = (more: Partial<Extract<CollectionQuestion, { type: 'slice' }>> = {}): CollectionQuestion => ({
  type: 'slice',
  min: Number.NEGATIVE_INFINITY,
  max: Number.POSITIVE_INFINITY,
  offset: 0,
  limit: 10,
  reverse: false,
  size: false,
  ...more,
});

export const collectionCases: readonly SqlCase[] = [
  {
    name: 'a collection is a row in its table, and a row for each member in another that plain SQL can read',
    async run(database) {
      await withDriver(database.url, all, async (driver) => {
        const exact = database.type === 'postgres' ? [] : ['_exact'];
        expect(await columnsOf(database, 'playlist')).toEqual(['id', '_expires_at']);
        expect(await columnsOf(database, 'playlist_tracks')).toEqual(['id', 'member', 'score', ...exact]);
        expect(await columnsOf(database, 'map_points')).toEqual(['id', 'member', 'geohash', 'longitude', 'latitude']);
        expect(await columnsOf(database, 'log_items')).toEqual(['id', 'position', 'item']);
        expect(await columnsOf(database, 'tags_items')).toEqual(['id', 'member']);
        expect(await columnsOf(database, 'order_from-to')).toEqual([
          'member',
          'Score',
          '_exact',
          '_member',
          '_score',
          ...(database.type === 'postgres' ? [] : ['__exact']),
        ]);
        await done(
          driver,
          adding(playlist, 'a', [['x', 2.5]]),
          adding(map, 'a', [['x', geohashOf({ longitude: 13.4, latitude: 52.5 })]]),
        );
        expect(await database.sql(`SELECT "id", "member", "score" FROM "playlist_tracks"`)).toEqual([
          { id: 'a', member: 'x', score: 2.5 },
        ]);
        const [place] = await database.sql(`SELECT "longitude", "latitude" FROM "map_points"`);
        expect(Number(place!.longitude)).toBeCloseTo(13.4, 4);
        expect(Number(place!.latitude)).toBeCloseTo(52.5, 4);
      });
    },
  },
  {
    name: 'collections have keys of several parts, whose columns may be called as those of members are',
    async run(database) {
      await withDriver(database.url, [odd], async (driver) => {
        const key = sampleKey('k', 7, -(2n ** 63n));
        const change = (type: object): KeyedChange => ({ schema: odd, key, change: type as KeyedChange['change'] });
        await done(driver, change({ type: 'add', members: [{ text: 'a', score: -0 }] }));
        await done(
          driver,
          change({ type: 'add', members: [{ text: 'b', score: 1 }] }),
          change({ type: 'increment', text: 'b', by: 2 }),
        );
        const [entry] = await driver.read(odd, [key], { id: '', ...slice({ size: true }) });
        expect(entry!.value).toEqual({
          members: [
            { text: 'a', score: -0 },
            { text: 'b', score: 3 },
          ],
          numbers: [2],
        });
        const keys = [sampleKey('k', 8, 0n), key];
        expect((await driver.read(odd, keys, { id: '', type: 'size' })).map((one) => one?.value)).toEqual([
          undefined,
          { members: [], numbers: [2] },
        ]);
        const found = [];
        for await (const { key: one } of driver.scan(odd)) found.push(one.id);
        expect(found).toEqual([key.id]);
        await done(driver, change({ type: 'remove', texts: ['a', 'b', 'c'] }), change({ type: 'delete' }));
        expect(await count(database, 'order')).toBe(0);
      });
    },
  },
  {
    name: 'TypeORM finds nothing to migrate in the tables of collections that were created',
    async run(database) {
      await withDriver(database.url, all, async () => {
        const dataSource = await ofUser(database, all);
        expect(await pendingSql(dataSource)).toEqual([]);
        await dataSource.destroy();
      });
    },
  },
  {
    name: 'tables of collections that TypeORM created are used as they are, with the prefix of the DataSource',
    async run(database) {
      const dataSource = await ofUser(database, all, { synchronize: true, entityPrefix: 'shop_' });
      const driver = await openDriver(dataSource, all, { synchronize: false });
      await done(
        driver,
        adding(playlist, 'a', [
          ['x', 1],
          ['y', -0],
        ]),
      );
      expect(await textsIn(driver, playlist, 'a')).toEqual(['y', 'x']);
      await driver.close();
      expect(await count(database, 'shop_playlist_tracks')).toBe(2);
      expect(await pendingSql(dataSource)).toEqual([]);
      await dataSource.destroy();
    },
  },
  {
    name: 'a missing table of members, and a missing column of it, are errors at open that name them',
    async run(database) {
      const open = openDriver(database.url, [playlist], { synchronize: false });
      await expect(open).rejects.toThrow(MetadataError);
      await expect(open).rejects.toThrow(/Playlist: has no table playlist in fallback/);
      await withDriver(database.url, [playlist], async () => {});
      await database.sql('ALTER TABLE "playlist_tracks" RENAME TO "elsewhere"');
      await expect(openDriver(database.url, [playlist], { synchronize: false })).rejects.toThrow(
        /Playlist: has no table playlist_tracks in fallback/,
      );
      await database.sql('CREATE TABLE "playlist_tracks" AS SELECT "id", "member" FROM "elsewhere"');
      await expect(openDriver(database.url, [playlist], { synchronize: false })).rejects.toThrow(
        /Playlist: has the table playlist_tracks in fallback .+, which lacks the columns? score/,
      );
    },
  },
  {
    name: 'an entity that has the name of the table of members of another is refused',
    async run(database) {
      const other = sampleSchema({ name: 'playlist_tracks', fields: { name: 'string' } });
      const open = openDriver(database.url, [playlist, other]);
      await expect(open).rejects.toThrow(MetadataError);
      await expect(open).rejects.toThrow(/Playlist_tracks: has the table playlist_tracks, as Playlist has\./);
    },
  },
  {
    name: 'several processes can create the tables of collections at once',
    async run(database) {
      const drivers = await Promise.all(Array.from({ length: 4 }, () => openDriver(database.url, all)));
      for (const driver of drivers) await driver.close();
    },
  },
  {
    name: 'a member too long for the index is refused, with nothing written; items of lists have no such limit',
    async run(database) {
      const long = 'ä'.repeat(3_000);
      await withDriver(database.url, all, async (driver) => {
        await done(driver, collecting(log, 'a', { type: 'push', end: 'last', texts: [long, long] }));
        expect(await textsIn(driver, log, 'a')).toEqual([long, long]);
        if (database.type === 'better-sqlite3') {
          await done(driver, adding(tags, 'a', [long]));
          return;
        }
        await done(driver, adding(tags, 'kept', ['x']));
        const { length } = database.type === 'postgres' ? { length: 1_290 } : { length: 255 };
        await done(driver, adding(tags, 'long', ['ä'.repeat(length)]));
        for (const text of [long, 'ä'.repeat(length + (database.type === 'postgres' ? 10 : 1))]) {
          for (const change of [
            adding(tags, 'new', [text]),
            adding(tags, 'kept', ['y', text]),
            puttingMembers(tags, 'kept', [text, 'z']),
            adding(playlist, 'new', [[text, 1]]),
            collecting(playlist, 'new', { type: 'increment', text, by: 1 }),
          ]) {
            const write = driver.write([change]);
            await expect(write).rejects.toThrow(ValidationError);
            await expect(write).rejects.toThrow(
              /has a member of \d+ (characters|bytes) .+ its store takes at most .+; nothing was written\. Use a shorter member/,
            );
          }
          await done(driver, removing(tags, 'kept', text));
          expect(await ask(driver, tags, 'kept', { type: 'scores', texts: [text] })).toEqual({
            members: [],
            numbers: [undefined],
          });
        }
        expect(await textsIn(driver, tags, 'kept')).toEqual(['x']);
        expect(await textsIn(driver, tags, 'new')).toBeNull();
        expect(await textsIn(driver, playlist, 'new')).toBeNull();
      });
    },
  },
  {
    name: 'a text with U+0000 is no member where the database cannot have it',
    async run(database) {
      const texts = ['a\0', '\0'];
      await withDriver(database.url, [playlist, map], async (driver) => {
        await done(driver, adding(playlist, 'a', [['a', 1]]), adding(map, 'a', [['a', 1]]));
        expect(await ask(driver, playlist, 'a', { type: 'scores', texts: [...texts, 'a'] })).toMatchObject({
          numbers: [undefined, undefined, 1],
        });
        for (const text of texts) {
          expect(await ask(driver, playlist, 'a', { type: 'rank', text, reverse: false })).toMatchObject({
            numbers: [undefined],
          });
          expect(
            await ask(driver, map, 'a', { type: 'near', center: text, area: { radius: 1 }, limit: 1, sort: 'asc' }),
          ).toEqual({ members: [], numbers: [] });
          await done(driver, removing(playlist, 'a', text), removing(playlist, 'a', text, 'b'));
        }
        expect(await textsIn(driver, playlist, 'a')).toEqual(['a']);
      });
    },
  },
  {
    name: 'the largest number but one is the only score that a database refuses, and says so',
    async run(database) {
      const second = 1.797_693_134_862_315_5e308;
      await withDriver(database.url, [playlist], async (driver) => {
        const scores = [Number.NEGATIVE_INFINITY, -Number.MAX_VALUE, 0, Number.MAX_VALUE, Number.POSITIVE_INFINITY];
        await done(
          driver,
          adding(
            playlist,
            'a',
            scores.map((score, at) => [`m${9 - at}`, score] as const),
          ),
        );
        const write = driver.write([adding(playlist, 'a', [['x', -second]])]);
        if (database.type === 'mariadb')
          await expect(write).rejects.toThrow(
            /^Playlist has a member with the score -1\.797.+; nothing was written\. Use the next one\.$/,
          );
        else {
          await write;
          await done(driver, removing(playlist, 'a', 'x'));
        }
        for (const min of [...scores, second, -second])
          for (const max of [...scores, second, -second]) {
            const expected = scores.filter((score) => score >= min && score <= max).length;
            expect(await ask(driver, playlist, 'a', { type: 'count', min, max })).toEqual({
              members: [],
              numbers: [expected],
            });
          }
      });
    },
  },
  {
    name: 'collections that have expired go with their members in the wake of writes, a part at a time',
    async run(database) {
      let now = Date.now();
      const clock = { now: () => now, after: () => () => {} };
      const write = (...changes: KeyedChange[]) =>
        withDriver(database.url, [tags], (driver) => done(driver, ...changes), { clock });
      const many = Array.from({ length: 6_000 }, (_, at) => `m${at}`);
      await write(
        puttingMembers(tags, 'large', many, { expiresAt: now + 1_000 }),
        ...['a', 'b', 'c'].map((id) => adding(tags, id, ['x', 'y'], now + 1_000)),
        adding(tags, 'anew', ['old'], now + 1_000),
        adding(tags, 'kept', ['x']),
      );
      now += 5_000;
      await write(adding(tags, 'anew', ['new']));
      expect(await count(database, 'tags_items')).toBeLessThan(1_100);
      await write(adding(tags, 'kept', ['y']));
      now += 5_000;
      await write(adding(tags, 'kept', ['z']));
      expect(await database.sql('SELECT "id" FROM "tags" ORDER BY "id"')).toEqual([{ id: 'anew' }, { id: 'kept' }]);
      expect(await count(database, 'tags_items')).toBe(4);
    },
  },
  {
    name: 'collections are one write with rows, all or none',
    async run(database) {
      const person = sampleSchema({ name: 'person', fields: { name: 'string' } });
      await withDriver(database.url, [person, playlist], async (driver) => {
        const row = (type: object): KeyedChange => ({
          schema: person,
          key: sampleKey('p'),
          change: type as KeyedChange['change'],
        });
        const put = row({ type: 'put', row: ['P'] });
        const long = adding(playlist, 'a', [['x'.repeat(70_000), 1]]);
        await done(driver, put, adding(playlist, 'a', [['x', 1]]));
        const failed = await driver.write([
          adding(playlist, 'a', [['y', 1]]),
          row({ type: 'put', row: ['Q'], expect: 'absent' }),
        ]);
        expect(failed).toMatchObject({ done: false, index: 1, outcome: { status: 'exists' } });
        if (database.type !== 'better-sqlite3')
          await expect(driver.write([row({ type: 'delete' }), long])).rejects.toThrow(ValidationError);
        expect(await textsIn(driver, playlist, 'a')).toEqual(['x']);
        expect(await driver.count(person)).toBe(1);
      });
    },
  },
  {
    name: 'what is asked of a large collection is read by an index, in one statement',
    async run(database) {
      const questions: readonly (readonly [Schema, CollectionQuestion, RegExp])[] = [
        [playlist, slice({ reverse: true }), /playlist_tracks_score_member_idx/],
        [playlist, slice({ min: 5, max: 50, offset: 20 }), /playlist_tracks_score_member_idx/],
        [playlist, slice({ offset: 5_000 }), /playlist_tracks_score_member_idx/],
        [playlist, { type: 'scores', texts: ['m1', 'm2'] }, /playlist_tracks_pkey|playlist_tracks_1|PRIMARY/],
        [playlist, { type: 'scan', after: '=m5', limit: 10 }, /playlist_tracks_pkey|playlist_tracks_1|PRIMARY/],
        [playlist, { type: 'rank', text: 'm7', reverse: false }, /playlist_tracks_score_member_idx/],
        [
          map,
          { type: 'near', center: { longitude: 10, latitude: 50 }, area: { radius: 50_000 }, limit: 5, sort: 'asc' },
          /map_points_geohash_idx/,
        ],
        [log, { type: 'between', start: -5, stop: -1 }, /log_items_pkey|log_items_1|PRIMARY/],
      ];
      await watched(database, [playlist, map, log], async ({ driver, during, plan }) => {
        for (const id of ['a', 'b']) {
          const numbers = Array.from({ length: 8_000 }, (_, at) => at);
          await done(
            driver,
            adding(
              playlist,
              id,
              numbers.map((at) => [`m${at}`, (at * 7_919) % 10_007] as const),
            ),
          );
          await done(
            driver,
            adding(
              map,
              id,
              numbers.map(
                (at) =>
                  [
                    `m${at}`,
                    geohashOf({ longitude: ((at * 222.5) % 360) - 180, latitude: ((at * 70.4) % 170) - 85 }),
                  ] as const,
              ),
            ),
          );
          await done(driver, collecting(log, id, { type: 'push', end: 'last', texts: numbers.map(String) }));
        }
        await database.sql(
          database.type === 'mariadb' ? 'ANALYZE TABLE playlist_tracks, map_points, log_items' : 'ANALYZE',
        );
        for (const [schema, question, index] of questions) {
          const ran = await during(() => ask(driver, schema, 'a', question));
          expect(ran).toHaveLength(1);
          const [whole] = await driver.read(schema, [sampleKey('a')], undefined);
          const expected = schema.kind.select(schema, whole!.value, sampleQuery(question));
          if (question.type !== 'scan') expect(await ask(driver, schema, 'a', question)).toEqual(expected);
          const how = await plan(ran[0]!);
          expect(how).toMatch(index);
          expect(how).not.toMatch(/(Seq Scan on|SCAN) (playlist_tracks|map_points|log_items|m\b)/);
        }
      });
    },
  },
];
