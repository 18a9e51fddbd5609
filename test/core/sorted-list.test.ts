import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SortedList } from '../../src/core/sorted-list.js';

interface Item {
  readonly place: number;
  readonly name: string;
}
const order = (a: Item, b: Item) => a.place - b.place;
const item = (place: number, name = '') => ({ place, name });

const textOf = (items: Iterable<Item>) => Array.from(items, ({ place, name }) => `${place}${name}`).join();

const steps = fc.array(
  fc.record({ puts: fc.boolean(), place: fc.integer({ min: 0, max: 1500 }), name: fc.string({ maxLength: 2 }) }),
  { maxLength: 200, size: 'max' },
);

test('A list is as a sorted array is, whatever is put and taken, and each list stays as it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1200 }), steps, (count, changes) => {
      const array = Array.from({ length: count }, (_, place) => item(place));
      let list = SortedList.of([...array].reverse(), order);
      const seen = [[list, textOf(array)] as const];
      for (const { puts, place, name } of changes) {
        const at = array.findIndex((one) => one.place >= place);
        const before = at < 0 ? array.length : at;
        array.splice(before, array[before]?.place === place ? 1 : 0, ...(puts ? [item(place, name)] : []));
        list = puts ? list.with(item(place, name)) : list.without(item(place));
        seen.push([list, textOf(array)]);
        expect(list.size).toBe(array.length);
        expect(list.get(item(place))).toEqual(puts ? item(place, name) : undefined);
        expect(list.before(item(place))).toBe(before);
      }
      for (const [one, text] of seen) expect(textOf(one)).toBe(text);
      for (const [from, to] of [
        [0, 10],
        [-5, 3],
        [250, 270],
        [5, 5],
        [9, 4],
        [0, 1e9],
        [1e9, 2e9],
      ] as const)
        expect(textOf(list.slice(from, to))).toBe(textOf(array.slice(Math.max(0, from), to)));
    }),
    { numRuns: 30 },
  );
});

test('A list of nothing has nothing, and takes something', () => {
  const none = SortedList.of<Item>([], order);
  expect([none.size, [...none], none.get(item(1)), none.before(item(1)), none.slice(0, 5)]).toEqual([
    0,
    [],
    undefined,
    0,
    [],
  ]);
  expect(none.without(item(1))).toBe(none);
  expect([...none.with(item(1))]).toEqual([item(1)]);
  expect([...none.with(item(1)).without(item(1))]).toEqual([]);
});
