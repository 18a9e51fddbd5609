import assert from 'node:assert/strict';
import { type Answer, type CollectionQuestion, type Member, membersOf, valueOfMembers } from '../core/collection.js';
import { geohashOf } from '../core/geo.js';
import type { Value } from '../core/kind.js';
import { Members } from '../core/members.js';
import type { Key } from '../core/schema.js';
import { asQuery, collectionCase, type HotCase, LONG, SETS, type Steps } from './hot-steps.js';
import { sampleKey } from './sample-schema.js';

const INFINITY = Number.POSITIVE_INFINITY;
const ALL = { min: -INFINITY, max: INFINITY } as const;

async function fill(at: Steps, key: Key, members: readonly Member[]): Promise<Value> {
  const value = valueOfMembers(Members.of(at.schema.kind.structure!, members));
  await at.begin(key, 'putter');
  assert.deepEqual(await at.store.commit(at.schema, [{ key, value, ttl: LONG }], 'putter', 'set'), [undefined]);
  assert.deepEqual(at.shown(await at.read(key)), at.shown({ state: 'value', value }));
  return value;
}

const slice = (given: Partial<Extract<CollectionQuestion, { readonly type: 'slice' }>>): CollectionQuestion => ({
  type: 'slice',
  ...ALL,
  offset: 0,
  limit: undefined,
  reverse: false,
  size: false,
  ...given,
});

const SCORED: readonly Member[] = [
  ['inf', INFINITY],
  ['-inf', -INFINITY],
  ['tie a', 1],
  ['tie b', 1],
  ['tie é', 1],
  ['tie 👩', 1],
  ['tie \uffee', 1],
  ['', 1],
  ['digits', 0.12345678901234566],
  ['more digits', 12345678901234568],
  ['tiny', 5e-324],
  ['huge', -1.7976931348623157e308],
  ['zero', 0],
  ['odd "\\\n\0', 3],
].map(([text, score]) => ({ text: text as string, score: score as number }));

const PLACES: readonly Member[] = [
  ['Berlin', 13.4, 52.5],
  ['Potsdam', 13.06, 52.4],
  ['Berlin again', 13.4, 52.5],
  ['Berlin, too', 13.4, 52.5],
  ['Hamburg', 10, 53.55],
  ['Suva', 178.44, -18.14],
  ['Apia', -171.76, -13.83],
  ['far north', 20, 85],
  ['null', 0, 0],
].map(([text, longitude, latitude]) => ({
  text: text as string,
  score: geohashOf({ longitude: longitude as number, latitude: latitude as number }),
}));

const COMMON: readonly CollectionQuestion[] = [{ type: 'exists' }, { type: 'size' }];

const OF_SCORED: readonly CollectionQuestion[] = [
  ...COMMON,
  { type: 'count', ...ALL },
  { type: 'count', min: 1, max: 1 },
  { type: 'count', min: 2, max: 1 },
  { type: 'count', min: -INFINITY, max: -INFINITY },
  { type: 'count', min: 0.12345678901234566, max: 12345678901234568 },
  { type: 'scores', texts: ['tie é', 'none', '', 'inf', 'more digits'] },
  { type: 'scores', texts: [] },
  { type: 'scores', texts: ['none', 'odd "\\\n\0'] },
  ...['tie b', '', '-inf', 'none'].flatMap((text): CollectionQuestion[] => [
    { type: 'rank', text, reverse: false },
    { type: 'rank', text, reverse: true },
  ]),
  ...[false, true].flatMap((reverse) => [
    slice({ reverse }),
    slice({ reverse, limit: 3, size: true }),
    slice({ reverse, offset: 4, limit: 3 }),
    slice({ reverse, offset: 13, limit: 3, size: true }),
    slice({ reverse, offset: 14, limit: 3 }),
    slice({ reverse, limit: 0 }),
    slice({ reverse, limit: 0, size: true, min: 1 }),
    slice({ reverse, min: 0, max: 1 }),
    slice({ reverse, min: 0, max: 1, offset: 2, limit: 2, size: true }),
    slice({ reverse, min: 1, offset: 100, limit: 2, size: true }),
    slice({ reverse, min: 1, max: 0, size: true }),
    slice({ reverse, max: -INFINITY }),
  ]),
];

const near = (given: Partial<Extract<CollectionQuestion, { readonly type: 'near' }>>): CollectionQuestion => ({
  type: 'near',
  center: { longitude: 13.4, latitude: 52.5 },
  area: { radius: 50_000 },
  limit: undefined,
  sort: 'asc',
  ...given,
});

const OF_PLACES: readonly CollectionQuestion[] = [
  ...COMMON,
  { type: 'scores', texts: ['Suva', 'none'] },
  ...(['asc', 'desc'] as const).flatMap((sort) => [
    near({ sort }),
    near({ sort, area: { radius: 400_000 } }),
    near({ sort, area: { width: 60_000, height: 60_000 } }),
    ...[0, 1, 2, 3, 4, 5, 100].map((limit) => near({ sort, limit, area: { radius: 400_000 } })),
    near({ sort, center: 'Potsdam', limit: 2 }),
    near({ sort, center: 'none' }),
    near({ sort, center: 'none', limit: 2 }),
    near({ sort, center: 'Berlin', area: { radius: 0 } }),
    near({ sort, center: 'Suva', area: { radius: 2_000_000 } }),
    near({ sort, center: { longitude: 100, latitude: -80 }, area: { radius: 1 } }),
  ]),
];

const OF_LIST: readonly CollectionQuestion[] = [
  ...COMMON,
  ...[
    [0, -1],
    [0, 0],
    [1, 2],
    [-2, -1],
    [-100, 1],
    [2, 100],
    [3, 1],
    [100, 200],
    [-1, 0],
  ].map(([start, stop]) => ({ type: 'between', start: start!, stop: stop! }) as const),
];

const OF_SET: readonly CollectionQuestion[] = [
  ...COMMON,
  { type: 'scores', texts: ['a', 'none', '', 'é'] },
  { type: 'scores', texts: ['none', 'a'] },
  { type: 'scores', texts: [] },
];

/** Cases about what is asked of collections that are hot. */
export const queryCases: readonly HotCase[] = [
  answersCase('sorted-set', SCORED, OF_SCORED),
  answersCase('geo-set', PLACES, OF_PLACES),
  answersCase(
    'set',
    ['a', 'b', '', 'é', 'odd "\\\n\0'].map((text) => ({ text, score: 0 })),
    OF_SET,
  ),
  answersCase(
    'list',
    ['a', '', 'é', 'a', 'odd "\\\n\0'].map((text, score) => ({ text, score })),
    OF_LIST,
  ),
  collectionCase('each key of a read has a question of its own, and may come twice', async (at) => {
    const [a, b, cold] = [sampleKey('a'), sampleKey('b'), sampleKey('cold')];
    await at.put(a, ['x', 'y', 'z']);
    await at.put(b, null);
    const size = asQuery({ type: 'size' });
    const exists = asQuery({ type: 'exists' });
    const replies = await at.store.read(
      at.schema,
      [a, cold, a, b, a, cold, a],
      [size, size, exists, size, undefined, exists, { ...size }],
      'r',
    );
    const three = { state: 'value', value: { members: [], numbers: [3] } };
    const fill = { state: 'fill', token: 'r' };
    const all = at.shown({ state: 'value', value: at.row(['x', 'y', 'z']) });
    const nothing = { state: 'value', value: { members: [], numbers: [] } };
    assert.deepEqual(
      replies.map((one) => at.shown(one)),
      [three, fill, nothing, { state: 'absent' }, all, fill, three],
    );
  }),
  collectionCase(
    'a question that nobody can answer takes the right to fill, and is answered after it',
    async (at, key) => {
      const size = asQuery({ type: 'size' });
      assert.deepEqual(await at.read(key, 'r1', size), { state: 'fill', token: 'r1' });
      assert.deepEqual(await at.read(key, 'r2', size), { state: 'busy' });
      await at.fill(key, 'r1', ['a']);
      assert.deepEqual(await at.read(key, 'r2', size), { state: 'value', value: { members: [], numbers: [1] } });
      await at.begin(key, 'w1');
      assert.deepEqual(await at.read(key, 'r2', size), { state: 'value', value: { members: [], numbers: [1] } });
      await at.begin(key, 'w2');
      assert.deepEqual(await at.read(key, 'r2', size), { state: 'busy' });
    },
  ),
  collectionCase('many questions are answered in their places', async (at) => {
    const keys = Array.from({ length: 700 }, (_, index) => sampleKey(String(index % 350)));
    const texts = (index: number) => Array.from({ length: index % 3 }, (_, at) => `t${at}`);
    const own = keys.slice(0, 350);
    await at.store.begin(at.schema, own, 'w', LONG);
    const entries = own.map((key, index) => ({ key, value: at.row(texts(index)), ttl: LONG }));
    assert.deepEqual(
      await at.store.commit(at.schema, entries, 'w', 'set'),
      own.map(() => undefined),
    );
    const queries = keys.map((_, index) => (index < 350 ? asQuery({ type: 'size' }) : undefined));
    (await at.store.read(at.schema, keys, queries, 'r')).forEach((reply, index) => {
      const value = index < 350 ? { members: [], numbers: [index % 3] } : at.row(texts(index - 350));
      assert.deepEqual(at.shown(reply), at.shown({ state: 'value', value }));
    });
  }),
  collectionCase('who goes through a collection meets every member', async (at, key) => {
    const texts = Array.from({ length: 1500 }, (_, index) => `t${index}`);
    await at.put(key, texts);
    const met: string[] = [];
    for (let after: string | undefined = ''; after !== undefined; ) {
      const query = asQuery({ type: 'scan', after, limit: 100 });
      const reply = await at.read(key, 'reader', query);
      assert.equal(reply.state, 'value');
      const answer = (reply as { readonly value: Value }).value as Answer;
      met.push(...answer.members.map(({ text }) => text));
      after = answer.next;
    }
    const isList = at.schema.kind.structure === 'list';
    assert.deepEqual(isList ? met : [...new Set(met)].sort(), isList ? texts : [...texts].sort());
  }),
  collectionCase(
    'thousands of members are asked for at once',
    async (at, key) => {
      const texts = Array.from({ length: 9001 }, (_, index) => `t${index}`);
      await at.put(key, texts);
      await at.answers(key, { type: 'scores', texts: ['none', ...texts, 'none'] }, at.row(texts));
    },
    SETS,
  ),
];

/** Asks all of a collection, of an empty one, and of one that is being written. */
function answersCase(
  kind: (typeof SETS)[number] | 'list',
  members: readonly Member[],
  questions: readonly CollectionQuestion[],
) {
  return collectionCase(
    'every question is answered as the kind answers it',
    async (at, key) => {
      for (const some of [members, [], members.slice(0, 1)]) {
        const value = await fill(at, key, some);
        for (const question of questions) await at.answers(key, question, value);
        await at.begin(key, 'w');
        for (const question of questions) await at.answers(key, question, value);
        await at.abandon(key, 'w');
      }
      assert.equal(membersOf(at.row([])).size, 0);
    },
    [kind],
  );
}
