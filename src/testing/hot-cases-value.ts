import assert from 'node:assert/strict';
import { type HotStoreCase, hotCase, LONG } from './hot-steps.js';
import { ODD_IDS, sampleKey } from './sample-schema.js';

// Long enough for a slow machine to take a few steps in it, where a case needs that it has not yet passed.
const SHORT = 300;

const OLD = { name: 'old' };
const NEW = { name: 'new' };

/** Cases about values, keys, and how long entries live. */
export const valueCases: readonly HotStoreCase[] = [
  hotCase('every type of value comes back as it was', async (at, key) => {
    const values = {
      name: 'John',
      age: -42,
      score: 0.1,
      big: 9_223_372_036_854_775_807n,
      active: false,
      born: -1,
      data: Buffer.from([0, 1, 127, 128, 255]),
      tags: '{"a":[1,null,"\\u0000"]}',
      note: 'text',
    };
    await at.put(key, values);
    await at.isValue(key, values);
  }),
  hotCase('numbers come back to the last bit', async (at, key) => {
    for (const score of [0, 5e-324, 1.7976931348623157e308, 2 ** 53 + 2, -1 / 3, 1e21, 123456789.12345679]) {
      await at.put(key, { score });
      await at.isValue(key, { score });
    }
  }),
  hotCase('null, absent and the empty text are three things', async (at) => {
    for (const [id, values] of [
      ['null', { note: null }],
      ['absent', {}],
      ['empty', { note: '' }],
      ['nul', { note: '\0' }],
      ['nul and more', { note: '\0\0a' }],
    ] as const) {
      await at.put(sampleKey(id), values);
      await at.isValue(sampleKey(id), values);
    }
  }),
  hotCase('an entity without any value is not absent', async (at, key) => {
    await at.put(key, {});
    await at.isValue(key, {});
    await at.isCold(sampleKey('b'));
    await at.fill(sampleKey('b'), 'reader', {});
    await at.isValue(sampleKey('b'), {});
  }),
  hotCase('empty bytes are not null', async (at, key) => {
    await at.put(key, { data: Buffer.alloc(0) });
    await at.isValue(key, { data: Buffer.alloc(0) });
  }),
  hotCase('only the fields that are asked for are answered', async (at, key) => {
    await at.put(key, { name: 'John', age: 3, note: null });
    const index = (name: string) => at.schema.fields.findIndex((field) => field.name === name);
    await at.isValue(key, { age: 3, note: null }, [index('age'), index('note')]);
    await at.isValue(key, {}, [index('score')]);
    await at.isValue(key, {}, []);
    await at.isValue(key, { name: 'John', age: 3, note: null });
  }),
  hotCase('odd keys are exact', async (at) => {
    const keys = ODD_IDS.map((id) => sampleKey(id));
    for (const [index, key] of keys.entries()) await at.put(key, { age: index });
    for (const [index, key] of keys.entries()) await at.isValue(key, { age: index });
    await at.drop(sampleKey('*'));
    for (const [index, key] of keys.entries())
      if (ODD_IDS[index] !== '*') await at.isValue(key, { age: index });
      else await at.isCold(key);
  }),
  hotCase('keys of several parts do not collide', async (at) => {
    const keys = [
      sampleKey('a:b', 'c'),
      sampleKey('a', 'b:c'),
      sampleKey('a', 'b', 'c'),
      sampleKey('', ''),
      sampleKey(''),
    ];
    for (const [index, key] of keys.entries()) await at.put(key, { age: index });
    for (const [index, key] of keys.entries()) await at.isValue(key, { age: index });
  }),
  hotCase('a row of 1 MB comes back whole', async (at, key) => {
    const values = { name: 'é'.repeat(524_288), note: '"\\\n'.repeat(1000), data: Buffer.alloc(100_000, 7) };
    await at.put(key, values);
    await at.isValue(key, values);
    await at.begin(key, 'w');
    await at.isValue(key, values);
    await at.commit(key, 'w', NEW);
    await at.isValue(key, NEW);
  }),
  hotCase(
    'an entity of 9,000 fields comes back whole',
    async (at, key) => {
      const values = Object.fromEntries(at.schema.fields.map(({ name }, index) => [name, index]));
      await at.put(key, values);
      await at.isValue(key, values);
      await at.put(key, { f8999: 1 });
      await at.isValue(key, { f8999: 1 });
    },
    { fields: Object.fromEntries(Array.from({ length: 9000 }, (_, index) => [`f${index}`, 'integer'])) },
  ),
  hotCase('a value is cold after its ttl', async (at, key) => {
    await at.put(key, OLD, SHORT);
    await at.pass(SHORT);
    await at.isCold(key);
    await at.fill(key, 'reader', NEW, SHORT);
    await at.pass(SHORT);
    await at.isCold(key);
  }),
  hotCase('"absent" is cold after its ttl', async (at, key) => {
    await at.put(key, null, SHORT);
    await at.pass(SHORT);
    await at.isCold(key);
  }),
  hotCase('a value without a ttl stays, also where there was one before', async (at, key) => {
    await at.put(key, OLD, SHORT);
    await at.begin(key, 'w');
    const entry = { key, value: at.row(NEW), ttl: undefined };
    assert.deepEqual(await at.store.commit(at.schema, [entry], 'w', 'set'), [undefined]);
    await at.pass(SHORT);
    await at.isValue(key, NEW);
  }),
  hotCase('a ttl of any length is taken', async (at, key) => {
    for (const ttl of [Number.MAX_VALUE, Number.POSITIVE_INFINITY, 2 ** 53, 1e15, 1000.5 * 1000]) {
      await at.put(key, OLD, ttl);
      await at.isValue(key, OLD);
    }
  }),
  hotCase('a value that ends while it is being written is not served after its end', async (at, key) => {
    await at.put(key, OLD, SHORT);
    await at.begin(key, 'w');
    await at.pass(SHORT);
    await at.isBusy(key);
    await at.commit(key, 'w', NEW, 'ifPresent');
    await at.isCold(key);
  }),
  hotCase('a write outlives the end of the value under it', async (at, key) => {
    await at.put(key, OLD, SHORT);
    await at.begin(key, 'w');
    await at.pass(SHORT);
    await at.commit(key, 'w', NEW);
    await at.isValue(key, NEW);
  }),
  hotCase('a right to fill that is not used goes to another in time', async (at, key) => {
    await at.isCold(key, 'r1');
    await at.pass(3000);
    await at.isCold(key, 'r2');
    await at.fill(key, 'r1', OLD);
    await at.isBusy(key);
    await at.fill(key, 'r2', NEW);
    await at.isValue(key, NEW);
  }),
  hotCase('a lock ends in time, and takes with it what lay under it', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w', SHORT);
    await at.pass(SHORT);
    await at.isCold(key);
    await at.commit(key, 'w', NEW);
    await at.isCold(key);
  }),
  hotCase('a renewed lock holds on', async (at, key) => {
    // Sent together, so that the lock cannot end between the two.
    await Promise.all([at.begin(key, 'w', SHORT), at.renew(key, 'w', LONG)]);
    await at.pass(SHORT);
    await at.isBusy(key);
    await at.commit(key, 'w', NEW);
    await at.isValue(key, NEW);
  }),
  hotCase('renewing never shortens a lock', async (at, key) => {
    await at.begin(key, 'w', LONG);
    await at.renew(key, 'w', SHORT);
    await at.pass(SHORT);
    await at.isBusy(key);
  }),
  hotCase('joining never shortens a lock', async (at, key) => {
    await at.begin(key, 'w1', LONG);
    await at.begin(key, 'w2', SHORT);
    await at.pass(SHORT);
    await at.isBusy(key);
  }),
  hotCase('renewing a lock that is lost does nothing', async (at, key) => {
    await at.renew(key, 'w', LONG);
    await at.isCold(key);
    await at.drop(key);
    await at.put(key, OLD, SHORT);
    await at.renew(key, 'putter', LONG);
    await at.pass(SHORT);
    await at.isCold(key);
  }),
  hotCase('renewing does not lengthen the lock of others', async (at, key) => {
    await at.begin(key, 'w1', SHORT);
    await at.renew(key, 'w2', LONG);
    await at.pass(SHORT);
    await at.isCold(key);
  }),
];
