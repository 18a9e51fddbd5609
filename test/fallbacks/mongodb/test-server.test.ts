import { expect, test } from '@jest/globals';
import { deserialize, serialize } from 'bson';
import fc from 'fast-check';
import { update as mingoUpdate, Query } from 'mingo';
import { MongoClient } from 'mongodb';
import { matches } from '../../support/mongo/filter.js';
import type { Doc } from '../../support/mongo/order.js';
import { updated } from '../../support/mongo/update.js';
import { mongoServer } from '../../support/mongo-server.js';

const asStored = (doc: object): Doc =>
  deserialize(serialize(doc), { promoteValues: false, promoteLongs: false, promoteBuffers: false });

const value = fc.constantFrom<unknown>(0, 1, -1, 2.5, 2 ** 40, '', 'a', 'ab', true, false, new Date(0), new Date(5));
const document = fc.record({ _id: fc.constant('x'), a: value, b: value }, { requiredKeys: ['_id'] });
const operator = fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte');
const condition = fc.oneof(
  value,
  fc.tuple(operator, value).map(([name, operand]) => ({ [name]: operand })),
  fc.tuple(operator, value).map(([name, operand]) => ({ $not: { [name]: operand } })),
  fc.array(value, { maxLength: 3 }).map(($in) => ({ $in })),
  fc.boolean().map(($exists) => ({ $exists })),
);
const simple = fc.record({ a: condition, b: condition }, { requiredKeys: [], noNullPrototype: true });
const filter = fc.oneof(
  simple,
  fc.array(simple, { minLength: 1, maxLength: 3 }).map(($or) => ({ $or })),
);

test('The test server finds what another implementation of the filters finds', () => {
  fc.assert(
    fc.property(document, filter, (doc, asked) => {
      expect(matches(asStored(doc), asStored(asked))).toBe(new Query(asked).test(doc));
    }),
    { numRuns: 3000 },
  );
});

test('The test server makes of a document what another implementation of the updates makes', () => {
  const change = fc.oneof(
    value.map((a) => ({ $set: { a } })),
    fc.constant({ $unset: { b: 1 } }),
    fc.integer({ min: -5, max: 5 }).map((n) => ({ $inc: { n } })),
  );
  const counted = fc.record({ _id: fc.constant('x'), a: value, b: value, n: fc.integer() }, { requiredKeys: ['_id'] });
  fc.assert(
    fc.property(counted, change, (doc, asked) => {
      const theirs = { ...doc };
      mingoUpdate(theirs, asked as never);
      expect(deserialize(serialize(updated(asStored(doc), {}, asStored(asked))))).toEqual(theirs);
    }),
  );
});

test('The test server refuses what it does not know, and remembers it', async () => {
  const server = await mongoServer();
  const client = new MongoClient(server.url);
  const things = client.db('x').collection('things');
  await things.insertOne({ name: 'a' });
  await expect(things.findOne({ name: { $regex: 'a' } })).rejects.toThrow(/no condition \$regex/);
  await expect(things.distinct('name')).rejects.toThrow(/no command distinct/);
  await expect(things.updateOne({}, { $push: { list: 1 } as never })).rejects.toThrow(/no update \$push/);
  expect(server.unknown).toHaveLength(3);
  await client.close();
  await server.stop();
});

test('Of two transactions that write the same on the test server the second is told of a conflict', async () => {
  const server = await mongoServer();
  const client = new MongoClient(server.url);
  const things = client.db('x').collection<{ _id: string; n: number }>('things');
  await things.insertOne({ _id: 'a', n: 1 });
  const [one, two] = [client.startSession(), client.startSession()];
  one.startTransaction();
  two.startTransaction();
  await things.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session: one });
  expect((await things.findOne({ _id: 'a' }, { session: two }))!.n).toBe(1);
  await expect(things.updateOne({ _id: 'a' }, { $inc: { n: 1 } }, { session: two })).rejects.toMatchObject({
    code: 112,
  });
  await one.commitTransaction();
  await expect(two.commitTransaction()).rejects.toMatchObject({ code: 251 });
  expect((await things.findOne({ _id: 'a' }))!.n).toBe(2);
  await one.endSession();
  await two.endSession();
  await client.close();
  await server.stop();
  expect(server.unknown).toEqual([]);
});
