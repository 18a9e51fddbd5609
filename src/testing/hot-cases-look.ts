import assert from 'node:assert/strict';
import type { Schema } from '../core/schema.js';
import { type HotCase, hashCase, hotCase, LONG, NEW, OLD, type Steps } from './hot-steps.js';
import { ODD_IDS, sampleKey } from './sample-schema.js';

/** Cases about looking at what is hot without touching it, and about where it lies. */
export const lookCases: readonly HotCase[] = [
  hotCase('looking at an entry tells its value, its absence, or that it is cold', async (at) => {
    await at.put(sampleKey('value'), OLD);
    await at.put(sampleKey('absent'), null);
    await at.put(sampleKey('dropped'), OLD);
    await at.drop(sampleKey('dropped'));
    const keys = ['never', 'absent', 'value', 'dropped'].map((id) => sampleKey(id));
    assert.deepEqual(
      (await at.store.peek(at.schema, keys)).map((one) => at.shown(one)),
      [{ state: 'cold' }, { state: 'absent' }, at.shown({ state: 'value', value: at.row(OLD) }), { state: 'cold' }],
    );
  }),
  hotCase('looking at a cold entry takes no right to fill it', async (at, key) => {
    await at.looks(key, 'cold');
    await at.isCold(key, 'r1');
    await at.looks(key, 'busy');
    await at.isCold(key, 'r1');
    await at.fill(key, 'r1', OLD);
    await at.isValue(key, OLD);
  }),
  hotCase('looking at an entry that is being written tells nothing of what lies under the lock', async (at, key) => {
    await at.begin(key, 'w');
    await at.looks(key, 'busy');
    await at.commit(key, 'w', OLD);
    await at.begin(key, 'w1');
    await at.isValue(key, OLD);
    await at.looks(key, 'busy');
    await at.begin(key, 'w2');
    await at.looks(key, 'busy');
  }),
  hotCase('looking at entries of another fingerprint finds them cold, and leaves them', async (at, key) => {
    const other = at.of('00000001');
    await at.put(key, OLD);
    await other.looks(key, 'cold');
    await at.isValue(key, OLD);
    await at.put(key, null);
    await other.looks(key, 'cold');
    await at.isAbsent(key);
    await at.begin(key, 'w');
    await other.looks(key, 'busy');
    await at.commit(key, 'w', NEW);
    await at.isValue(key, NEW);
  }),
  hashCase(
    'looking at an entity of many fields tells them all',
    async (at, key) => {
      const values = Object.fromEntries(at.schema.fields.map(({ name }, index) => [name, index]));
      await at.put(key, values);
      assert.deepEqual(await at.peek(key), { state: 'value', value: at.row(values) });
      await at.looks(sampleKey('b'), 'cold');
    },
    { fields: Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`f${index}`, 'integer'])) },
  ),
  hotCase('the ids of an entity are those of all its entries, whatever their state', async (at) => {
    assert.deepEqual(await idsOf(at), []);
    await at.put(sampleKey('value'), OLD);
    await at.put(sampleKey('absent'), null);
    await at.isCold(sampleKey('filling'));
    await at.begin(sampleKey('written'), 'w');
    await at.put(sampleKey('dropped'), OLD);
    await at.drop(sampleKey('dropped'));
    await at.put(sampleKey('over'), OLD);
    await at.begin(sampleKey('over'), 'w');
    assert.deepEqual(await idsOf(at), ['absent', 'filling', 'over', 'value', 'written']);
    assert.deepEqual(await idsOf(at, { ...at.schema, name: `${at.schema.name}*` }), []);
  }),
  hotCase('the ids of what has ended are not told', async (at) => {
    await at.put(sampleKey('value'), OLD, 50);
    await at.begin(sampleKey('written'), 'w', 50);
    await at.put(sampleKey('stays'), OLD);
    await at.pass(50);
    assert.deepEqual(await idsOf(at), ['stays']);
  }),
  hotCase('ids are told as they are, however odd, and however many', async (at) => {
    const keys = [...ODD_IDS, ...Array.from({ length: 2500 }, (_, index) => `k${index}`)].map((id) => sampleKey(id));
    assert.deepEqual(
      await at.store.begin(at.schema, keys, 'w', LONG),
      keys.map(() => undefined),
    );
    assert.deepEqual(await idsOf(at), keys.map(({ id }) => id).sort());
  }),
  hotCase('writes given up together may have a token each', async (at) => {
    const keys = Array.from({ length: 1203 }, (_, index) => sampleKey(String(index)));
    const tokens = keys.map((_, index) => (index % 2 ? 'odd' : 'even'));
    await at.store.begin(at.schema, keys, 'even', LONG);
    assert.deepEqual(
      await at.store.abandon(at.schema, keys, tokens),
      keys.map(() => undefined),
    );
    assert.deepEqual(
      await at.store.peek(at.schema, keys),
      keys.map((_, index) => ({ state: index % 2 ? 'busy' : 'cold' })),
    );
    await at.store.abandon(at.schema, keys.slice(1, 2), ['even']);
    await at.looks(keys[1]!, 'cold');
  }),
  hotCase('writes renewed together may have a token each', async (at) => {
    const keys = Array.from({ length: 1203 }, (_, index) => sampleKey(String(index)));
    const tokens = keys.map((_, index) => (index % 2 ? 'odd' : 'even'));
    await at.store.begin(at.schema, keys, 'even', LONG);
    assert.deepEqual(
      await at.store.renew(at.schema, keys, tokens, LONG),
      keys.map(() => undefined),
    );
    await at.store.abandon(at.schema, keys, 'even');
    assert.deepEqual(
      await at.store.peek(at.schema, keys),
      keys.map(() => ({ state: 'cold' })),
    );
    assert.deepEqual(await at.store.renew(at.schema, [], [], LONG), []);
  }),
  hotCase('every key lies in one of the places, which take writes', async (at) => {
    const places = await at.store.places();
    assert.ok(places.size > 0);
    for (const fault of places.values()) assert.equal(fault, undefined);
    for (const id of ['a', 'b', 'c', 'd', ...ODD_IDS]) assert.ok(places.has(at.store.place(at.schema, sampleKey(id))));
  }),
  hotCase('a scope is a text of at most 255 characters', async (at) => {
    assert.equal(typeof at.store.scope, 'string');
    assert.ok(at.store.scope.length <= 255);
  }),
];

async function idsOf({ store, schema }: Steps, of: Schema = schema): Promise<readonly string[]> {
  const ids = new Set<string>();
  for await (const some of store.ids(of)) for (const id of some) ids.add(id);
  return [...ids].sort();
}
