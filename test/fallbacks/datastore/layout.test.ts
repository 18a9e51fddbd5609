import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ValidationError } from '../../../src/core/errors.js';
import type { Schema } from '../../../src/core/schema.js';
import { sampleKey, sampleSchema } from '../../../src/testing/sample-schema.js';
import { type DatastoreServer, startDatastore } from '../../support/datastore/server.js';
import { done, putting, rowOf } from '../typeorm/context.js';
import { callsOf, entitiesOf, withDatastore } from './opened.js';

const city = sampleSchema({
  name: 'city',
  keys: { country: 'string', region: 'integer', id: 'string' },
  fields: { name: 'string' },
});
const book = sampleSchema({
  name: 'book',
  fields: { title: 'string', pages: 'integer', body: { type: 'text', nullable: true } },
});
const indexed = (...names: readonly string[]): Schema => ({
  ...book,
  fields: book.fields.map((field) => ({ ...field, index: names.includes(field.name) })),
});

let server: DatastoreServer;
beforeAll(async () => {
  server = await startDatastore();
});
afterAll(() => server.stop());
beforeEach(() => server.forget());

const pathOf = (kind: string) =>
  entitiesOf(server, kind).map(({ key }) => key.wire.path.map(({ kind: of, name }) => [of, name]));

test('parts of a key lie in the name of the entity, in ancestors of their columns, or in the name of the kind', async () => {
  const key = sampleKey('DE', 42, 'Köln');
  const open = (keys: 'name' | 'ancestors' | 'kinds') =>
    withDatastore(server, [city], async (driver) => done(driver, putting(city, key, { name: 'Köln' })), { keys });
  await open('name');
  expect(pathOf('city')).toEqual([[['city', 'DE\x01\x01b42Köln']]]);
  await open('ancestors');
  expect(pathOf('city')[1]).toEqual([
    ['country', 'DE'],
    ['region', 'b42'],
    ['city', 'Köln'],
  ]);
  await open('kinds');
  expect(pathOf('city/DE\x01\x01b42')).toEqual([[['city/DE\x01\x01b42', 'Köln']]]);
});

test.each(['name', 'ancestors', 'kinds'] as const)(
  'keys whose parts look like what stands between parts are kept apart, with the parts in %s',
  async (keys) => {
    const schema = sampleSchema({
      name: `pair_${keys}`,
      keys: { a: 'string', b: 'string' },
      fields: { name: 'string' },
    });
    const odd = ['x', 'x\n\nb\ny', 'y', 'y\n\nb\nz', 'z', '1 1 b', '/', 'b/', '\x01\x01', ''];
    const pairs = odd.flatMap((one) => odd.map((other) => sampleKey(one, other)));
    await withDatastore(
      server,
      [schema],
      async (driver) => {
        await done(driver, ...pairs.map((key) => putting(schema, key, { name: key.id })));
        const entries = await driver.read(schema, pairs, undefined);
        expect(entries.map((entry) => (entry!.value as readonly string[])[0])).toEqual(pairs.map(({ id }) => id));
        expect(await driver.count(schema)).toBe(pairs.length);
      },
      { keys },
    );
  },
);

test('only fields with an index have one', async () => {
  await withDatastore(server, [indexed('pages')], async (driver) => {
    await done(driver, putting(indexed('pages'), 'a', { title: 'T', pages: 3, body: null }));
    const { entity } = entitiesOf(server, 'book')[0]!;
    const without = Object.entries(entity.properties).filter(([, value]) => value.excludeFromIndexes);
    expect(Object.keys(entity.properties).sort()).toEqual(['body', 'pages', 'title']);
    expect(without.map(([name]) => name).sort()).toEqual(['body', 'title']);
  });
});

test('what the service cannot keep is refused before anything is sent', async () => {
  const schema = indexed('title');
  await withDatastore(server, [schema], async (driver) => {
    const long = 'é'.repeat(751);
    const big = 'x'.repeat(600_000);
    const cases = [
      [
        putting(schema, 'a', { title: long }),
        /Book\.title is indexed and has 1502 bytes, but Datastore indexes at most 1500/,
      ],
      [
        putting(schema, 'a', { body: 'x'.repeat(2 ** 20) }),
        /has 1048577 bytes in 'body', but Datastore keeps at most 1048487/,
      ],
      [putting(schema, long, {}), /Book has a key of 1502 bytes, but Datastore takes at most 1500 in a name/],
    ] as const;
    for (const [change, message] of cases)
      for (const changes of [[change], [putting(schema, 'b', {}), change]]) {
        const write = driver.write(changes);
        await expect(write).rejects.toThrow(ValidationError);
        await expect(write).rejects.toThrow(message);
      }
    expect(callsOf(server).Commit).toBeUndefined();
    const all = Array.from({ length: 20 }, (_, at) => putting(schema, `k${at}`, { body: big }));
    await expect(driver.write(all)).rejects.toThrow(/is more than Datastore makes all or none/);
    expect(callsOf(server).Commit).toBeUndefined();
    expect(await driver.count(schema)).toBe(1);
    await done(driver, ...all.slice(0, 15));
    expect(server.requests.every(({ bytes }) => bytes <= 10 * 2 ** 20)).toBe(true);
    expect(await rowOf(driver, schema, 'k14')).toEqual([undefined, undefined, big]);
  });
});

test('a key that no entity can have is not there, and no fault', async () => {
  await withDatastore(server, [book], async (driver) => {
    expect(await driver.read(book, [sampleKey('x'.repeat(5000)), sampleKey('none')], undefined)).toEqual([null, null]);
  });
});

test('when an entry ends is said in the property expiresAt, which has an index, or in _expiresAt where the entity has such a field', async () => {
  const own = sampleSchema({ name: 'offer', fields: { expiresAt: 'date' } });
  await withDatastore(server, [book, own], async (driver) => {
    const expiresAt = Date.now() + 60_000;
    await done(driver, putting(book, 'ending', {}, { expiresAt }), putting(own, 'a', { expiresAt: 5 }, { expiresAt }));
    const properties = (kind: string) => entitiesOf(server, kind).at(-1)!.entity.properties;
    expect(properties('book').expiresAt).toMatchObject({ valueType: 'timestampValue' });
    expect(properties('book').expiresAt!.excludeFromIndexes ?? false).toBe(false);
    expect(Object.keys(properties('offer')).sort()).toEqual(['_expiresAt', 'expiresAt']);
    expect(await rowOf(driver, own, 'a')).toEqual([5]);
  });
});

test('a field whose name the service keeps for itself is refused when the store is opened', async () => {
  const schema = sampleSchema({ name: 'odd', fields: { __key__: 'string' } });
  await expect(withDatastore(server, [schema], async () => undefined)).rejects.toThrow(
    /Odd\.__key__: lies in the property '__key__', whose name Datastore keeps for itself/,
  );
});

test('a put that expects nothing is one commit, and many keys are read by as few lookups as can be', async () => {
  await withDatastore(server, [book], async (driver) => {
    await done(driver, putting(book, 'a', { title: 'T' }));
    expect(callsOf(server)).toEqual({ Commit: 1 });
    server.forget();
    const keys = Array.from({ length: 2500 }, (_, at) => sampleKey(`k${at}`));
    await driver.read(book, keys, undefined);
    expect(callsOf(server).Lookup).toBe(3);
  });
});

test('what a lookup defers is asked for again', async () => {
  const slow = await startDatastore({ lookup: 7, batch: 5 });
  await withDatastore(slow, [book], async (driver) => {
    const ids = Array.from({ length: 40 }, (_, at) => `k${at}`);
    await done(driver, ...ids.map((id) => putting(book, id, { title: id })));
    const entries = await driver.read(
      book,
      ids.map((id) => sampleKey(id)),
      undefined,
    );
    expect(entries.map((entry) => (entry!.value as readonly string[])[0])).toEqual(ids);
    expect(await driver.count(book)).toBe(40);
    let count = 0;
    for await (const _ of driver.scan(book)) count++;
    expect(count).toBe(40);
  });
  await slow.stop();
});
