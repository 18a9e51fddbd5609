import assert from 'node:assert/strict';
import { asQuery, collectionCase, type HotCase, LONG, NEW } from './hot-steps.js';
import { sampleKey } from './sample-schema.js';

// Long enough for a slow machine to take a few steps in it.
const SHORT = 300;

/** Cases about what writers do to some members of a collection. */
export const deltaCases: readonly HotCase[] = [
  collectionCase('what a writer did to members is made to the value that is hot', async (at, key) => {
    await at.put(key, ['a', 'b']);
    await at.beginOn(key, 'w', ['c', 'a']);
    await at.isValue(key, ['a', 'b']);
    await at.commitDelta(key, 'w', at.added('c'));
    await at.isValue(key, ['a', 'b', 'c']);
    await at.begin(key, 'w');
    await at.commitDelta(key, 'w', at.removed('c'));
    await at.isValue(key, ['a', 'b']);
  }),
  collectionCase('what a writer did first is made first', async (at, key) => {
    await at.put(key, ['a']);
    await at.begin(key, 'w');
    await at.commitDelta(key, 'w', at.added('b'), at.removed('b'), at.added('c', 'd'), at.removed('d'), at.added('e'));
    await at.isValue(key, ['a', 'c', 'e']);
  }),
  collectionCase('a delta that changes nothing leaves what is there', async (at, key) => {
    await at.put(key, ['a']);
    await at.begin(key, 'w');
    await at.commitDelta(key, 'w', { type: 'members', put: [], remove: [] });
    await at.isValue(key, ['a']);
    await at.begin(key, 'w');
    await at.commitDelta(key, 'w');
    await at.isValue(key, ['a']);
  }),
  collectionCase(
    'a score that is put takes the place of the one before',
    async (at, key) => {
      await at.put(key, ['a', 'b']);
      const { score } = at.members(['b'])[0]!;
      await at.beginOn(key, 'w', ['a']);
      await at.commitDelta(key, 'w', { type: 'members', put: [{ text: 'a', score }], remove: [] });
      const query = asQuery({ type: 'scores', texts: ['a', 'b', 'c'] });
      const value = { members: [], numbers: [score, score, undefined] };
      assert.deepEqual(await at.read(key, 'reader', query), { state: 'value', value });
    },
    ['sorted-set', 'geo-set'],
  ),
  collectionCase(
    'a list is pushed to and popped from at both ends, and trimmed at the other one',
    async (at, key) => {
      await at.put(key, ['a', 'b', 'a']);
      await at.begin(key, 'w');
      const push = (end: 'first' | 'last', texts: string[], trim = 0) =>
        ({ type: 'ends', end, pop: 0, push: texts, trim }) as const;
      await at.commitDelta(key, 'w', push('first', ['x', 'y']), push('last', ['z']));
      await at.isValue(key, ['y', 'x', 'a', 'b', 'a', 'z']);
      await at.begin(key, 'w');
      await at.commitDelta(key, 'w', push('last', ['p', 'q'], 3), {
        type: 'ends',
        end: 'first',
        pop: 1,
        push: [],
        trim: 0,
      });
      await at.isValue(key, ['a', 'z', 'p', 'q']);
    },
    ['list'],
  ),
  collectionCase('a collection without members is not absent', async (at, key) => {
    await at.put(key, []);
    await at.isValue(key, []);
    await at.begin(key, 'w1');
    await at.isValue(key, []);
    await at.commitDelta(key, 'w1', at.added('a'));
    await at.isValue(key, ['a']);
    await at.begin(key, 'w2');
    await at.commitDelta(key, 'w2', at.removed('a'));
    await at.isValue(key, []);
    assert.deepEqual(
      (await at.store.peek(at.schema, [key])).map((one) => at.shown(one)),
      [at.shown({ state: 'value', value: at.row([]) })],
    );
    await at.put(key, null);
    await at.isAbsent(key);
    await at.put(key, []);
    await at.begin(key, 'w3');
    await at.commit(key, 'w3', NEW, 'ifPresent');
    await at.isValue(key, NEW);
  }),
  collectionCase('an empty collection is filled, and known to be hot', async (at, key) => {
    await at.isCold(key);
    await at.fill(key, 'reader', []);
    await at.isValue(key, []);
  }),
  collectionCase('a delta over what is cold makes nothing hot', async (at, key) => {
    await at.begin(key, 'w');
    await at.commitDelta(key, 'w', at.added('a'));
    await at.isCold(key, 'r');
    await at.begin(key, 'w');
    await at.commitDelta(key, 'w', at.added('a'));
    await at.isCold(key, 'r');
  }),
  collectionCase('a delta over what was known absent makes nothing hot', async (at, key) => {
    await at.put(key, null);
    await at.begin(key, 'w');
    await at.commitDelta(key, 'w', at.added('a'));
    await at.isCold(key);
  }),
  collectionCase('a delta after a drop makes nothing hot', async (at, key) => {
    await at.put(key, ['a']);
    await at.begin(key, 'w');
    await at.drop(key);
    await at.commitDelta(key, 'w', at.added('b'));
    await at.isCold(key);
  }),
  collectionCase('a delta whose lock is lost drops what is there', async (at, key) => {
    await at.put(key, ['a']);
    await at.commitDelta(key, 'w', at.added('b'));
    await at.isCold(key);
  }),
  collectionCase('a delta whose lock is lost marks the lock of others', async (at, key) => {
    await at.put(key, ['a']);
    await at.begin(key, 'w1');
    await at.commitDelta(key, 'w2', at.added('b'));
    await at.isBusy(key);
    await at.commitDelta(key, 'w1', at.added('c'));
    await at.isCold(key);
  }),
  collectionCase('a delta that arrives twice drops the entry, and is not made again', async (at, key) => {
    await at.put(key, ['a']);
    await at.begin(key, 'w');
    await at.commitDelta(key, 'w', at.added('b'));
    await at.commitDelta(key, 'w', at.added('b'));
    await at.isCold(key);
  }),
  collectionCase('a delta of another version of the class leaves the entry cold', async (at, key) => {
    await at.put(key, ['a']);
    const other = at.of('00000001');
    await other.begin(key, 'w');
    await other.commitDelta(key, 'w', at.added('b'));
    await other.isCold(key);
  }),
  collectionCase('mode drop with a delta leaves the entry cold', async (at, key) => {
    await at.put(key, ['a']);
    await at.begin(key, 'w');
    await at.store.commit(at.schema, [{ key, deltas: [at.added('b')] }], 'w', 'drop');
    await at.isCold(key);
  }),
  collectionCase('deltas and whole values go together', async (at) => {
    const keys = ['a', 'b', 'c', 'd'].map((id) => sampleKey(id));
    await at.put(keys[0]!, ['a']);
    await at.put(keys[3]!, ['d']);
    await at.store.begin(at.schema, keys, 'w', LONG, LONG, [['x'], undefined, undefined, ['y']]);
    const entries = [
      { key: keys[0]!, deltas: [at.added('x')] },
      { key: keys[1]!, value: at.row(['m', 'n']), ttl: undefined },
      { key: keys[2]!, value: null, ttl: LONG },
      { key: keys[3]!, deltas: [at.added('y'), at.added('z')] },
    ];
    assert.deepEqual(
      await at.store.commit(at.schema, entries, 'w', 'set'),
      keys.map(() => undefined),
    );
    await at.isValue(keys[0]!, ['a', 'x']);
    await at.isValue(keys[1]!, ['m', 'n']);
    await at.isAbsent(keys[2]!);
    await at.isValue(keys[3]!, ['d', 'y', 'z']);
  }),
  collectionCase('a delta of many members is made whole', async (at, key) => {
    const texts = Array.from({ length: 9001 }, (_, index) => `t${index}`);
    await at.put(key, ['a']);
    await at.begin(key, 'w');
    await at.commitDelta(key, 'w', at.added(...texts));
    await at.isValue(key, ['a', ...texts]);
    await at.begin(key, 'w');
    await at.commitDelta(key, 'w', at.removed(...texts));
    await at.isValue(key, ['a']);
  }),
  collectionCase(
    'what a delta is made to ends when it would have',
    async (at) => {
      const [a, b, c] = [sampleKey('a'), sampleKey('b'), sampleKey('c')];
      for (const key of [a, b]) await at.put(key, ['a'], SHORT);
      const entry = { key: c, value: at.row(['a']), ttl: undefined };
      await at.begin(c, 'w');
      await at.store.commit(at.schema, [entry], 'w', 'set');
      for (const key of [a, b, c]) await at.begin(key, 'w');
      await at.commitDelta(a, 'w', at.added('b'));
      await at.commitDelta(b, 'w', at.removed('a'));
      await at.commitDelta(c, 'w', at.added('b'));
      await at.pass(SHORT);
      await at.isCold(a);
      await at.isCold(b);
      await at.isValue(c, ['a', 'b']);
    },
    ['sorted-set', 'list'],
  ),
  collectionCase(
    'a delta to what ended while it was written makes nothing hot',
    async (at, key) => {
      await at.put(key, ['a'], SHORT);
      await at.begin(key, 'w');
      await at.pass(SHORT);
      await at.commitDelta(key, 'w', at.added('b'));
      await at.isCold(key);
    },
    ['sorted-set'],
  ),
];
