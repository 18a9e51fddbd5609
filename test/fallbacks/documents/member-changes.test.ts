import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Member,
  type MemberChange,
  membersOf,
  type Structure,
  valueOfMembers,
} from '../../../src/core/collection.js';
import { Members } from '../../../src/core/members.js';
import { madeOf, neededFor } from '../../../src/fallbacks/documents/member-changes.js';
import { sampleCollection } from '../../../src/testing/sample-collections.js';

const text = fc.constantFrom('a', 'b', 'c', 'd', 'é', '\uff5e', '😀', '');
const score = fc.constantFrom(0, -0, 1, 2, -1, 0.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
const texts = fc.array(text, { maxLength: 6 });
const member = fc.record({ text, score });
const members = fc.uniqueArray(member, { maxLength: 8, selector: (one) => one.text });
const limit = fc.option(fc.integer({ min: 1, max: 6 }));

const ofSet: fc.Arbitrary<MemberChange> = fc.oneof(
  members.map((given): MemberChange => ({ type: 'add', members: given, expiresAt: 9 })),
  texts.map((given): MemberChange => ({ type: 'remove', texts: given })),
  member.map((one): MemberChange => ({ type: 'increment', text: one.text, by: one.score, expiresAt: 9 })),
);
const end = fc.constantFrom('first' as const, 'last' as const);
const ofList: fc.Arbitrary<MemberChange> = fc.oneof(
  fc.record({ end, texts }).map((push): MemberChange => ({ type: 'push', ...push, expiresAt: 9 })),
  end.map((from): MemberChange => ({ type: 'pop', end: from })),
);

const ofStructure = {
  'sorted-set': { change: ofSet, all: members },
  list: {
    change: ofList,
    all: fc
      .tuple(texts, fc.integer({ min: -3, max: 3 }))
      .map(([items, from]): Member[] => items.map((item, at) => ({ text: item, score: from + at }))),
  },
} as const satisfies Partial<Record<Structure, unknown>>;

/** Of all members those that are needed. */
function partOf(all: Members, { texts, first, last }: ReturnType<typeof neededFor>): Members {
  const { ordered, size } = all;
  const some = [...ordered.slice(0, first), ...ordered.slice(size - last, size)];
  const found = texts.flatMap((one) => all.get(one) ?? []);
  return Members.of(all.structure, [...new Set([...some, ...found])]);
}

/** What is stored, by what it is stored under. */
function stored(structure: Structure, all: Iterable<Member>): Map<unknown, Member> {
  return new Map([...all].map((one) => [structure === 'list' ? one.score : one.text, one]));
}

test.each(['sorted-set', 'list'] as const)(
  'A change of a %s comes to the same where only the members are known that it needs',
  (structure) => {
    const { change: aChange, all: any } = ofStructure[structure];
    fc.assert(
      fc.property(any, aChange, limit, fc.boolean(), (given, change, most, there) => {
        const schema = sampleCollection({ structure, ...(most !== null && { limit: most }) });
        const all = Members.of(structure, there ? given : []);
        const whole = schema.kind.apply(schema, there ? { value: valueOfMembers(all), expiresAt: 5 } : null, change);
        const part = { members: partOf(all, neededFor(schema, change, all.size)), size: all.size, expiresAt: 5 };
        const made = madeOf(schema, there ? part : null, change);
        if (whole.status !== 'done' || !('put' in made)) {
          expect(made.outcome).toEqual(whole);
          return;
        }
        const entry = whole.entry && { value: undefined, expiresAt: whole.entry.expiresAt };
        expect(made.outcome).toEqual({ ...whole, entry });
        const after = whole.entry ? membersOf(whole.entry.value) : Members.of(structure, []);
        expect(made.size).toBe(after.size);
        const rows = stored(structure, all.ordered);
        for (const one of stored(structure, made.remove).keys()) expect(rows.delete(one)).toBe(true);
        for (const [place, one] of stored(structure, made.put)) rows.set(place, one);
        expect(rows).toEqual(stored(structure, after.ordered));
      }),
      { numRuns: 3000 },
    );
  },
);

test('A change needs no more members than it is about, and those that a limit may cost', () => {
  const free = sampleCollection({ structure: 'sorted-set' });
  const full = sampleCollection({ structure: 'sorted-set', limit: 1000 });
  const add: MemberChange = { type: 'add', members: [{ text: 'a', score: 1 }] };
  expect(neededFor(free, add, 1_000_000)).toEqual({ texts: ['a'], first: 0, last: 0 });
  expect(neededFor(full, add, 999)).toEqual({ texts: ['a'], first: 0, last: 0 });
  expect(neededFor(full, add, 1000)).toEqual({ texts: ['a'], first: 2, last: 0 });
  const list = sampleCollection({ structure: 'list', limit: 1000 });
  const push: MemberChange = { type: 'push', end: 'last', texts: ['a', 'b'] };
  expect(neededFor(list, push, 1000)).toEqual({ texts: [], first: 2, last: 1 });
  expect(neededFor(list, { type: 'pop', end: 'first' }, 1000)).toEqual({ texts: [], first: 1, last: 0 });
  expect(neededFor(list, { type: 'pop', end: 'first' }, 0)).toEqual({ texts: [], first: 0, last: 0 });
});
