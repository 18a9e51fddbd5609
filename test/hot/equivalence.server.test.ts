import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import type { CommitMode, HotStore } from '../../src/core/hot-store.js';
import type { Key } from '../../src/core/schema.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { type SampleOptions, sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';
import { redisUrl } from '../support/urls.js';
import { collectionSteps } from './collection-steps.js';
import { type RedisSubject, redisSubject, tidy } from './redis-subject.js';

let subject: RedisSubject;
let client: Redis;
beforeAll(async () => {
  client = new Redis(redisUrl);
  subject = await redisSubject(redisUrl);
});
afterAll(async () => {
  await tidy(subject, (key) => client.unlink(key));
  client.disconnect();
});

// One key is enough: no step looks at another. Two versions of the class, as while an application is rolled out.
const versionsOf = (sample: SampleOptions) => [
  sampleSchema(sample),
  sampleSchema({ ...sample, schema: { fingerprint: '0badf00d' } }),
];
const kinds = {
  hash: {
    versions: versionsOf({ fields: { name: 'string', age: 'integer' } }),
    value: fc.record({ name: fc.string(), age: fc.integer() }, { requiredKeys: [] }),
  },
  flag: { versions: versionsOf({ name: 'flag', kind: 'flag' }), value: fc.record({ seen: fc.boolean() }) },
};
type Kind = keyof typeof kinds;
const LONG = 600_000;

const token = fc.constantFrom('a', 'b', 'ab');
const tokens = fc.oneof(token, fc.array(token, { minLength: 2, maxLength: 3 }));
const version = fc.constantFrom(0, 1);
// Of either kind: which one a step has is chosen when it is run.
const values = fc.record({ hash: kinds.hash.value, flag: kinds.flag.value });
const value = fc.option(values, { freq: 4 });
const step = fc.oneof(
  fc.record({ type: fc.constant('read' as const), version, token, query: fc.constantFrom(undefined, [0], []) }),
  // A writer without any time is over at once, on both clocks.
  fc.record({ type: fc.constant('begin' as const), version, token, lockTime: fc.constantFrom(LONG, LONG, 0) }),
  fc.record({ type: fc.constant('renew' as const), version, token: tokens, lockTime: fc.constantFrom(LONG, 0) }),
  fc.record({ type: fc.constant('abandon' as const), version, token: tokens }),
  fc.record({
    type: fc.constant('commit' as const),
    version,
    token,
    value,
    mode: fc.constantFrom<CommitMode>('set', 'set', 'ifPresent', 'drop'),
  }),
  fc.record({ type: fc.constant('fill' as const), version, token, value }),
  fc.record({ type: fc.constantFrom('drop' as const, 'peek' as const), version }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function run(store: HotStore, kind: Kind, id: string, one: Step): Promise<unknown> {
  const schema = kinds[kind].versions[one.version]!;
  const key = sampleKey(id);
  const entries = (given: (typeof values extends fc.Arbitrary<infer T> ? T : never) | null) => [
    { key, value: given && sampleRow(schema, given[kind]), ttl: LONG },
  ];
  switch (one.type) {
    case 'read':
      return store.read(schema, [key], one.query && [one.query], one.token);
    case 'begin':
      return store.begin(schema, [key], one.token, one.lockTime);
    case 'renew':
      return store.renew(schema, keysFor(key, one.token), one.token, one.lockTime);
    case 'abandon':
      return store.abandon(schema, keysFor(key, one.token), one.token);
    case 'commit':
      return store.commit(schema, entries(one.value), one.token, one.mode);
    case 'fill':
      return store.fill(schema, entries(one.value), one.token);
    case 'drop':
    case 'peek':
      return store[one.type](schema, [key]);
  }
}

const keysFor = (key: Key, tokens: string | readonly string[]): readonly Key[] =>
  typeof tokens === 'string' ? [key] : tokens.map(() => key);

// What is put aside is counted from one step to the next.
const inTurn = async <Step>(steps: readonly Step[], run: (one: Step) => Promise<unknown>): Promise<unknown[]> => {
  const replies: unknown[] = [];
  for (const one of steps) replies.push(await run(one));
  return replies;
};
// Redis runs the steps of one connection in their order.
const atOnce = <Step>(steps: readonly Step[], run: (one: Step) => Promise<unknown>): Promise<unknown[]> =>
  Promise.all(steps.map(run));

async function insistOnSame<Step>(
  steps: fc.Arbitrary<Step>,
  run: (store: HotStore, id: string, one: Step) => Promise<unknown>,
  all: typeof inTurn,
): Promise<void> {
  // A script that Redis does not know yet is sent again, after what was sent behind it.
  for (const one of fc.sample(steps, 300)) await run(subject.store, 'known', one);
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 25, size: 'max' }), async (some) => {
      const memory = memoryHotStore({ clock: fakeClock() });
      const id = String(round++);
      const replies = await all(some, (one) => run(subject.store, id, one));
      for (const [at, one] of some.entries()) expect([at, replies[at]]).toEqual([at, await run(memory, id, one)]);
    }),
    { numRuns: 500 },
  );
}

test.each(['hash', 'flag'] as const)(
  'of a %s the in-process store and Redis give the same answers to any sequence of steps',
  (kind) => insistOnSame(step, (store, id, one) => run(store, kind, id, one), atOnce),
  60_000,
);

test.each(['sorted-set', 'geo-set', 'set', 'list'] as const)(
  'of a %s the in-process store and Redis give the same answers to any sequence of steps',
  (structure) => {
    const { step: steps, run: take } = collectionSteps(structure);
    return insistOnSame(steps, take, inTurn);
  },
  60_000,
);
