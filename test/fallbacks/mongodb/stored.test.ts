import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Db } from 'mongodb';
import { membersOf, valueOfMembers } from '../../../src/core/collection.js';
import { CorruptEntryError, MetadataError } from '../../../src/core/errors.js';
import type { KeyedChange } from '../../../src/core/fallback-driver.js';
import type { Key } from '../../../src/core/schema.js';
import { fakeClock } from '../../../src/testing/fake-clock.js';
import { membersFor, sampleCollection } from '../../../src/testing/sample-collections.js';
import { sampleKey, sampleSchema } from '../../../src/testing/sample-schema.js';
import { until } from '../../support/until.js';
import { changing, putting, rowOf } from '../typeorm/context.js';
import { lookedInto, type TestMongo } from './databases.js';

const schema = sampleSchema({ name: 'sample', fields: { name: 'string' } });
const ranking = sampleCollection({ name: 'ranking', structure: 'sorted-set' });

const place = lookedInto();
let mongo: TestMongo;
let db: Db;

beforeEach(async () => {
  await place.start();
  ({ mongo, db } = place);
});
afterEach(() => place.stop());

const { open } = place;

const put = (key: Key, count: number, prefix = 'm'): KeyedChange =>
  changing(ranking, key, {
    type: 'put',
    row: valueOfMembers(
      membersFor(
        'sorted-set',
        Array.from({ length: count }, (_, at) => [`${prefix}${at}`, at] as const),
      ),
    ) as never,
  });

test('a document is what others would expect: the key as _id, each field with its type', async () => {
  const city = sampleSchema({
    name: 'city',
    keys: { country: 'string', id: 'bigint' },
    fields: { name: 'string', people: 'bigint', area: 'number', since: 'date', flag: 'bytes', tags: 'json' },
  });
  const driver = await open([city, schema]);
  await driver.write([
    putting(city, sampleKey('DE', 7n), {
      name: 'Ulm',
      people: 2n ** 60n,
      area: 1,
      since: 0,
      flag: new Uint8Array([1, 2]),
      tags: '{"$a.b":-0}',
    }),
  ]);
  const found = await db.collection('city').findOne({}, { promoteValues: false, promoteLongs: false });
  expect(found).toMatchObject({ _id: { country: 'DE' }, name: 'Ulm', since: new Date(0), tags: '{"$a.b":-0}' });
  expect(Object.keys(found!._id as object)).toEqual(['country', 'id']);
  expect([found!._id.id, found!.people, found!.area, found!.flag].map((one) => one._bsontype)).toEqual([
    'Long',
    'Long',
    'Double',
    'Binary',
  ]);
});

test('entries that expire have an index that deletes them, which is changed where it says otherwise, and loses nothing', async () => {
  await db.collection<{ _id: string }>('sample').insertOne({ _id: 'old', name: 'there before' } as never);
  await db.collection('sample').createIndex({ _expires_at: 1 }, { expireAfterSeconds: 3600, name: 'of_others' });
  const driver = await open([schema, ranking]);
  const ttlOf = async (name: string) =>
    (await db.collection(name).indexes())
      .filter(({ key }) => '_expires_at' in key)
      .map((one) => one.expireAfterSeconds);
  expect(await ttlOf('sample')).toEqual([0]);
  expect(await ttlOf('ranking')).toEqual([0]);
  expect(await ttlOf('ranking_members')).toEqual([0]);
  expect(await rowOf(driver, schema, 'old')).toEqual(['there before']);
});

test('members go with their collection when its time has passed', async () => {
  if (!mongo.server) return;
  const driver = await open([ranking]);
  const expiresAt = Date.now() + 60_000;
  await driver.write([
    changing(ranking, 'a', { type: 'add', members: [{ text: 'x', score: 1 }], expiresAt } as never),
    put(sampleKey('b'), 3),
  ]);
  mongo.server.sweep(expiresAt + 1);
  expect(await db.collection('ranking').countDocuments()).toBe(1);
  expect(await db.collection('ranking_members').countDocuments()).toBe(3);
});

test('with synchronize: false nothing is made, and what is missing is told', async () => {
  const told: string[] = [];
  const logger = { info: () => {}, warn: (text: string) => void told.push(text), error: () => {} };
  await open([ranking], { synchronize: false, logger });
  expect(told).toEqual([
    expect.stringMatching(/collection ranking .* lacks the index \{"_expires_at":1\}/),
    expect.stringMatching(/collection ranking_members .* lacks the index \{"_id\.of":1,"score":1,"_id\.member":1\}/),
    expect.stringMatching(/collection ranking_members .* lacks the index \{"_expires_at":1\}/),
  ]);
  expect(await db.listCollections().toArray()).toEqual([]);
});

test.each([
  ['has a collation that takes different keys for the same', { collation: { locale: 'en', strength: 1 } }],
  ['is capped', { capped: true, size: 1000 }],
])('a collection that %s is refused', async (_, options) => {
  await db.createCollection('sample', options);
  await expect(open([schema])).rejects.toBeInstanceOf(MetadataError);
});

test('a field that is stored as _id is refused', async () => {
  const wrong = sampleSchema({ name: 'sample', fields: { mine: { type: 'string', column: '_id' } } });
  await expect(open([wrong])).rejects.toThrow(/has a field that is stored as _id/);
});

test.each(['a.b', '$a'])('a field or a key part that is stored as %s is refused', async (column) => {
  const field = sampleSchema({ name: 'sample', fields: { mine: { type: 'string', column } } });
  await expect(open([field])).rejects.toThrow(/mine: is stored as .*, which MongoDB would take for a path/);
  const set = sampleCollection({ name: 'of$sets', structure: 'set' });
  await expect(open([set])).rejects.toThrow(/lies in the collection of\$sets, but MongoDB takes no \$/);
});

test('a document that is not what the class says is CorruptEntryError', async () => {
  const driver = await open([schema]);
  await db.collection<{ _id: string }>('sample').insertOne({ _id: 'a', name: 5 } as never);
  await expect(driver.read(schema, [sampleKey('a')], undefined)).rejects.toBeInstanceOf(CorruptEntryError);
  // To be deleted it need not be readable.
  expect(await driver.write([changing(schema, 'a', { type: 'delete' })])).toMatchObject({ done: true });
});

test('fields that another version of the class has stay when others change', async () => {
  const driver = await open([schema]);
  await db.collection<{ _id: string }>('sample').insertOne({ _id: 'a', name: 'A', other: 1 } as never);
  await driver.write([changing(schema, 'a', { type: 'patch', set: new Map([[0, 'B']]) })]);
  await driver.write([changing(schema, 'a', { type: 'modify', change: () => ['C'] })]);
  expect(await db.collection('sample').findOne({})).toEqual({ _id: 'a', name: 'C', other: 1 });
});

test('a value that another document has in a unique index of its own is refused, with the reason', async () => {
  const driver = await open([schema]);
  await db.collection('sample').createIndex({ name: 1 }, { unique: true });
  await driver.write([putting(schema, 'a', { name: 'A' })]);
  await expect(driver.write([putting(schema, 'b', { name: 'A' })])).rejects.toThrow(
    /another document has the same value/,
  );
});

test.each([5, 1500])('of a collection of %i that is replaced or deleted no member is left behind', async (count) => {
  const driver = await open([ranking]);
  const left = () => db.collection('ranking_members').countDocuments();
  await driver.write([put(sampleKey('a'), count)]);
  await until('the members go', async () => (await left()) === count);
  await driver.write([put(sampleKey('a'), count + 1, 'n')]);
  await until('the members go', async () => (await left()) === count + 1);
  await driver.write([changing(ranking, 'a', { type: 'delete' })]);
  await until('the members go', async () => (await left()) === 0);
});

test('what a killed process has left of a replacement is swept by others, ten minutes later', async () => {
  const clock = fakeClock(Date.now());
  const members = db.collection('ranking_members');
  const driver = await open([ranking], { clock });
  await driver.write([put(sampleKey('a'), 3)]);
  const { ObjectId } = await import('mongodb');
  const generation = new ObjectId();
  await members.insertMany([
    { _id: { of: 'generations', generation }, head: 'a', since: new Date(clock.now()) },
    { _id: { of: generation, member: 'x' }, score: 1, revision: 1 },
  ] as never);
  await clock.advance(300_000);
  await driver.write([changing(ranking, 'a', { type: 'add', members: [{ text: 'y', score: 1 }] } as never)]);
  await driver.close();
  expect(await members.countDocuments()).toBe(6);
  const later = await open([ranking], { clock });
  await clock.advance(300_001);
  await later.write([changing(ranking, 'a', { type: 'add', members: [{ text: 'z', score: 1 }] } as never)]);
  await until('they are swept', async () => (await members.countDocuments()) === 5);
});

test('a collection that is replaced between the read of its head and that of its members is read as it was', async () => {
  if (!mongo.server) return;
  const driver = await open([ranking]);
  await driver.write([put(sampleKey('a'), 3)]);
  let replaced = false;
  mongo.server.gate(async (command, body) => {
    if (command !== 'find' || body.find !== 'ranking_members' || replaced) return;
    // What is swept behind a write is looked for there too.
    if ((body.filter as Record<string, unknown>)['_id.of'] === 'generations') return;
    replaced = true;
    await driver.write([put(sampleKey('a'), 5, 'n')]);
  });
  const textsIn = async () => {
    const [entry] = await driver.read(ranking, [sampleKey('a')], undefined);
    return [...membersOf(entry!.value as never).ordered].map(({ text }) => text);
  };
  expect(await textsIn()).toEqual(['m0', 'm1', 'm2']);
  expect(replaced).toBe(true);
  expect(await textsIn()).toHaveLength(5);
});

test('a change of one member of many touches that one, and asks for few', async () => {
  if (!mongo.server) return;
  const driver = await open([ranking]);
  await driver.write([put(sampleKey('a'), 800)]);
  const touched: unknown[] = [];
  mongo.server.gate((command, body) => {
    if (command === 'update' && body.update === 'ranking_members') touched.push((body.updates as unknown[]).length);
  });
  await driver.write([changing(ranking, 'a', { type: 'add', members: [{ text: 'm5', score: 7 }] } as never)]);
  expect(touched).toEqual([1]);
});
