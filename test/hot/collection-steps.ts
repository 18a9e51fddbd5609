import fc from 'fast-check';
import {
  type CollectionQuestion,
  type Delta,
  type Member,
  type Structure,
  valueOfMembers,
} from '../../src/core/collection.js';
import type { CommitMode, HotReply, HotStore } from '../../src/core/hot-store.js';
import { Members } from '../../src/core/members.js';
import { asQuery, Steps } from '../../src/testing/hot-steps.js';
import { sampleKey, sampleSchema } from '../../src/testing/sample-schema.js';

const LONG = 600_000;

/** The steps that can be taken with a collection of some structure, as of two versions of its class. */
export function collectionSteps(structure: Structure) {
  const isList = structure === 'list';
  const sample = { name: structure, kind: structure } as const;
  const versions = [sampleSchema(sample), sampleSchema({ ...sample, schema: { fingerprint: '0badf00d' } })];
  const steps = new Steps({ store: {} as HotStore, pass: async () => {} }, versions[0]!);

  const text = fc.constantFrom('a', 'b', 'c', 'é', '');
  const texts = fc.array(text, { maxLength: 4 });
  const scores: Readonly<Record<Structure, readonly number[]>> = {
    'sorted-set': [0, 1, 1, -1, 0.1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    // Three places of which two are one, as the geohashes that they have.
    'geo-set': [3663832614298053, 3663832614298053, 3663832614298054, 3479099956230698],
    set: [0],
    list: [0],
  };
  const members: fc.Arbitrary<readonly Member[]> = fc.array(
    fc.record({ text, score: fc.constantFrom(...scores[structure]) }),
    { maxLength: 4 },
  );
  const value = members.map((list) =>
    isList
      ? Members.listOf(list.map((member) => member.text))
      : Members.of(structure, [...new Map(list.map((member) => [member.text, member])).values()]),
  );
  const count = fc.nat({ max: 2 });
  const delta: fc.Arbitrary<Delta> = isList
    ? fc.record({
        type: fc.constant('ends' as const),
        end: fc.constantFrom('first' as const, 'last' as const),
        pop: count,
        push: texts,
        trim: count,
      })
    : fc.record({ type: fc.constant('members' as const), put: members, remove: texts });

  const bound = fc.constantFrom(Number.NEGATIVE_INFINITY, -1, 0, 0.1, 1, Number.POSITIVE_INFINITY);
  const limit = fc.constantFrom(undefined, 0, 1, 2);
  const reverse = fc.boolean();
  const size = fc.constant({ type: 'size' } as CollectionQuestion);
  const exists = fc.constant({ type: 'exists' } as CollectionQuestion);
  const ofTexts = fc.record({ type: fc.constant('scores' as const), texts });
  const slice = fc.record({
    type: fc.constant('slice' as const),
    min: bound,
    max: bound,
    offset: count,
    limit,
    reverse,
    size: fc.boolean(),
  });
  const questions: Readonly<Record<Structure, readonly fc.Arbitrary<CollectionQuestion>[]>> = {
    'sorted-set': [
      ofTexts,
      slice,
      fc.record({ type: fc.constant('count' as const), min: bound, max: bound }),
      fc.record({ type: fc.constant('rank' as const), text, reverse }),
    ],
    'geo-set': [
      ofTexts,
      fc.record({
        type: fc.constant('near' as const),
        center: fc.oneof(text, fc.constant({ longitude: 13.4, latitude: 52.5 })),
        area: fc.constantFrom({ radius: 0 }, { radius: 3_000_000 }, { width: 4_000_000, height: 2_000_000 }),
        limit,
        sort: fc.constantFrom('asc' as const, 'desc' as const),
      }),
    ],
    set: [ofTexts],
    list: [
      fc.record({
        type: fc.constant('between' as const),
        start: fc.integer({ min: -3, max: 3 }),
        stop: fc.integer({ min: -3, max: 3 }),
      }),
    ],
  };
  const question = fc.oneof(size, exists, ...questions[structure]);

  const token = fc.constantFrom('a', 'b', 'ab');
  const version = fc.constantFrom(0, 0, 0, 1);
  const type = <Type extends string>(name: Type) => fc.constant(name);
  const whole = fc.option(value, { freq: 4 });
  const step = fc.oneof(
    fc.record({
      type: type('read'),
      version,
      token,
      questions: fc.array(fc.option(question), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      type: type('begin'),
      version,
      token,
      lockTime: fc.constantFrom(LONG, LONG, LONG, 0),
      members: fc.option(fc.array(text, { maxLength: 2 }), { freq: 5 }),
    }),
    fc.record({
      type: type('renew'),
      version,
      tokens: fc.array(token, { minLength: 1, maxLength: 3 }),
      lockTime: fc.constantFrom(LONG, 0),
    }),
    fc.record({ type: type('abandon'), version, token }),
    fc.record({
      type: type('commit'),
      version,
      token,
      value: whole,
      mode: fc.constantFrom<CommitMode>('set', 'set', 'ifPresent', 'drop'),
    }),
    fc.record({ type: type('delta'), version, token, deltas: fc.array(delta, { maxLength: 2 }) }),
    fc.record({ type: type('delta'), version, token, deltas: fc.array(delta, { maxLength: 2 }) }),
    fc.record({ type: type('fill'), version, token, value: whole, staged: fc.boolean() }),
    fc.record({ type: type('stage'), version, token, members }),
    fc.record({ type: fc.constantFrom('drop' as const, 'peek' as const), version }),
    // What all other steps are about: a value that is hot.
    fc.record({ type: type('put'), version: fc.constant(0), value }),
  );
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  async function run(store: HotStore, id: string, one: Step): Promise<unknown> {
    const schema = versions[one.version]!;
    const key = sampleKey(id);
    const entry = (given: Members | null) => ({ key, value: given && valueOfMembers(given), ttl: LONG });
    switch (one.type) {
      case 'read': {
        const queries = one.questions.map((asked) => (asked === null ? undefined : asQuery(asked)));
        const replies = await store.read(
          schema,
          queries.map(() => key),
          queries,
          one.token,
        );
        return replies.map((reply: HotReply) => steps.shown(reply));
      }
      case 'begin':
        return store.begin(schema, [key], one.token, one.lockTime, one.lockTime, [one.members ?? undefined]);
      case 'renew':
        return store.renew(
          schema,
          one.tokens.map(() => key),
          one.tokens,
          one.lockTime,
        );
      case 'abandon':
        return store.abandon(schema, [key], one.token);
      case 'commit':
        return store.commit(schema, [entry(one.value)], one.token, one.mode);
      case 'delta':
        return store.commit(schema, [{ key, deltas: one.deltas }], one.token, 'set');
      case 'fill':
        return store.fill(
          schema,
          [one.staged ? { key, value: undefined, ttl: LONG, staged: true } : entry(one.value)],
          one.token,
        );
      case 'stage':
        return store.stage(
          schema,
          key,
          isList ? one.members.map((member, at) => ({ ...member, score: at })) : one.members,
          one.token,
        );
      case 'put':
        await store.drop(schema, [key]);
        await store.begin(schema, [key], 'put', LONG);
        return store.commit(schema, [entry(one.value)], 'put', 'set');
      case 'drop':
        return store.drop(schema, [key]);
      case 'peek':
        return (await store.peek(schema, [key])).map((reply) => steps.shown(reply));
    }
  }

  return { step, run };
}
