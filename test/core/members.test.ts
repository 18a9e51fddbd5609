import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Member } from '../../src/core/collection.js';
import { Members } from '../../src/core/members.js';

const text = fc.constantFrom('', 'a', 'b', 'ab', 'B', 'é', '\uff5e', '😀', '\0');
const score = fc.constantFrom(0, -0, 1, -1, 0.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
const member = fc.record({ text, score });
const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const inOrder = (members: Iterable<Member>) =>
  [...members].sort((a, b) => (a.score < b.score ? -1 : a.score > b.score ? 1 : bytes(a.text, b.text)));

test('Members are those that were put last, in the order of their scores and then of their bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ puts: fc.boolean(), member }), { maxLength: 60 }), (steps) => {
      let members = Members.of('sorted-set', []);
      const model = new Map<string, Member>();
      for (const { puts, member: one } of steps) {
        if (puts) model.set(one.text, one);
        const there = model.get(one.text);
        members = puts ? members.with([one]) : members.without(there ? [there] : []);
        if (!puts) model.delete(one.text);
        expect([...members.ordered]).toEqual(inOrder(model.values()));
        expect(members.get(one.text)).toEqual(model.get(one.text));
      }
      expect(members.same(Members.of('sorted-set', [...model.values()].reverse()))).toBe(true);
      expect(members.after(undefined, 100).map((one) => one.text)).toEqual([...model.keys()].sort(bytes));
    }),
  );
});

test('Those after a text come in the order of the texts, whether or not it is there', () => {
  const members = Members.of(
    'sorted-set',
    ['d', 'b', 'a', 'c'].map((one, at) => ({ text: one, score: at })),
  );
  const after = (from: string | undefined, limit: number) => members.after(from, limit).map((one) => one.text);
  expect(after(undefined, 2)).toEqual(['a', 'b']);
  expect(after('b', 2)).toEqual(['c', 'd']);
  expect(after('bb', 9)).toEqual(['c', 'd']);
  expect(after('d', 9)).toEqual([]);
});

test('Items of a list are in the order of their positions, the same item as often as it is there', () => {
  const list = Members.listOf(['b', 'a', 'b']);
  expect(list.size).toBe(3);
  expect(list.get('a')).toBeUndefined();
  const grown = list.with([
    { text: 'a', score: -1 },
    { text: 'c', score: 3 },
  ]);
  expect([...grown.ordered].map((one) => one.text)).toEqual(['a', 'b', 'a', 'b', 'c']);
  expect(grown.after('0', 9).map((one) => one.text)).toEqual(['a', 'b', 'c']);
  expect(grown.same(Members.listOf(['a', 'b', 'a', 'b', 'c']))).toBe(true);
  expect(grown.same(Members.listOf(['a', 'b', 'b', 'a', 'c']))).toBe(false);
});

test('Two collections are the same where their members and scores are', () => {
  const one = Members.of('sorted-set', [{ text: 'a', score: 0 }]);
  expect(one.same(Members.of('sorted-set', [{ text: 'a', score: 0 }]))).toBe(true);
  // Redis loses the sign.
  expect(one.same(Members.of('sorted-set', [{ text: 'a', score: -0 }]))).toBe(true);
  expect(one.same(Members.of('sorted-set', [{ text: 'a', score: 1 }]))).toBe(false);
  expect(one.same(Members.of('sorted-set', [{ text: 'b', score: 0 }]))).toBe(false);
  expect(one.same(Members.of('sorted-set', []))).toBe(false);
});
