import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Delta,
  type End,
  type MemberChange,
  membersOf,
  type Structure,
  valueOfMembers,
} from '../../src/core/collection.js';
import type { Entry } from '../../src/core/kind.js';
import { Members } from '../../src/core/members.js';
import { membersFor, sampleCollection, sampleMembers } from '../../src/testing/sample-collections.js';

const text = fc.constantFrom('a', 'b', 'c', 'd', 'é', '\uff5e', '😀', '');
const score = fc.constantFrom(0, 1, 2, -1, 0.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
const texts = fc.array(text, { maxLength: 6 });
const end: fc.Arbitrary<End> = fc.constantFrom('first', 'last');

const ofSet: fc.Arbitrary<MemberChange> = fc.oneof(
  fc
    .uniqueArray(fc.record({ text, score }), { maxLength: 6, selector: (member) => member.text })
    .map((members): MemberChange => ({ type: 'add', members })),
  texts.map((given): MemberChange => ({ type: 'remove', texts: given })),
  fc.record({ text, score }).map((one): MemberChange => ({ type: 'increment', text: one.text, by: one.score })),
);
const ofList: fc.Arbitrary<MemberChange> = fc.oneof(
  fc.record({ end, texts }).map((push): MemberChange => ({ type: 'push', ...push })),
  end.map((from): MemberChange => ({ type: 'pop', end: from })),
);

test.each([
  ['sorted-set', ofSet],
  ['list', ofList],
] as const)('What a change did to a %s makes the same of it as it was before', (structure, aChange) => {
  fc.assert(
    fc.property(fc.array(aChange, { maxLength: 30 }), fc.option(fc.integer({ min: 1, max: 5 })), (changes, limit) => {
      const schema = sampleCollection({ structure, ...(limit !== null && { limit }) });
      const { apply, merge, same } = schema.kind;
      let entry: Entry | null = null;
      for (const change of changes) {
        const outcome = apply(schema, entry, change);
        if (outcome.status !== 'done') continue;
        const before: unknown = (entry as Entry | null)?.value ?? valueOfMembers(Members.of(structure, []));
        const after = outcome.entry?.value ?? valueOfMembers(Members.of(structure, []));
        expect(same(merge!(before, outcome.delta!), after)).toBe(true);
        expect(membersOf(after).size).toBeLessThanOrEqual(limit ?? Number.POSITIVE_INFINITY);
        entry = outcome.entry;
      }
    }),
  );
});

const apply = (structure: Structure, before: readonly string[], change: MemberChange, limit?: number) => {
  const schema = sampleCollection({ structure, ...(limit !== undefined && { limit }) });
  const outcome = schema.kind.apply(schema, { value: valueOfMembers(membersFor(structure, before)) }, change);
  return outcome as { readonly delta: Delta; readonly answer: unknown };
};

test('A member that is named twice is removed once', () => {
  expect(apply('set', ['a', 'b'], { type: 'remove', texts: ['a', 'x', 'a'] })).toMatchObject({
    delta: { type: 'members', put: [], remove: ['a'] },
    answer: { numbers: [1] },
  });
});

test('An add tells of all its members as they are now, but of none that went over the limit', () => {
  const members = sampleMembers(['a', 'c', 'd']);
  expect(apply('set', ['b', 'c'], { type: 'add', members }, 3)).toMatchObject({
    delta: { type: 'members', put: sampleMembers(['c', 'd']), remove: [] },
    answer: { numbers: [2] },
  });
  expect(apply('set', ['b', 'c'], { type: 'add', members }, 2)).toMatchObject({
    delta: { type: 'members', put: sampleMembers(['c', 'd']), remove: ['b'] },
  });
});

test('A change is about its own members, but under a limit an addition is about all', () => {
  const about = (limit: number | undefined, change: MemberChange) => {
    const schema = sampleCollection({ structure: 'sorted-set', ...(limit !== undefined && { limit }) });
    return schema.kind.touches!(schema, change);
  };
  const add: MemberChange = { type: 'add', members: sampleMembers(['a', 'b']) };
  const increment: MemberChange = { type: 'increment', text: 'a', by: 1 };
  const remove: MemberChange = { type: 'remove', texts: ['a'] };
  expect([add, increment, remove].map((change) => about(undefined, change))).toEqual([['a', 'b'], ['a'], ['a']]);
  expect([add, increment, remove].map((change) => about(5, change))).toEqual([undefined, undefined, ['a']]);
  expect(about(undefined, { type: 'pop', end: 'last' })).toBeUndefined();
});
