/** A part of a list: from, and up to but not including. */
export type Range = readonly [from: number, to: number];

// One script holds up everybody else's. In about nanoseconds of the server: what a script may take, and what it takes for a
// key, for each of its values, and for each of their characters.
const MOST = 2_000_000;
const KEY = 2000;
const VALUE = 200;
const CHARACTER = 1;

/** A key of so many values, or more, has a script to itself. */
export const ALONE = MOST / VALUE;

/** What goes into one script each: on a cluster one key, else many, but not too much. `values` of a key that are not known yet are a number. */
export function chunks(
  count: number,
  cluster: boolean,
  values: (index: number) => readonly string[] | number,
): Range[] {
  const ranges: Range[] = [];
  let from = 0;
  let sum = 0;
  for (let index = 0; index < count; index++) {
    const given = values(index);
    let cost = KEY + VALUE * (typeof given === 'number' ? given : given.length);
    if (typeof given !== 'number') for (const text of given) cost += CHARACTER * text.length;
    if (index > from && (cluster || sum + cost > MOST)) {
      ranges.push([from, index]);
      from = index;
      sum = 0;
    }
    sum += cost;
  }
  if (count > from) ranges.push([from, count]);
  return ranges;
}
