import type { CityKey } from '../cities.js';
import { type Act, AT_ONCE, changeAll, inTurn, keyOf, type Stage, some, textOf } from '../stage.js';

/** Reads flags, and checks each against what it must be. */
async function readFlags(
  stage: Stage,
  name: string,
  keys: readonly CityKey[],
  mustBe: (key: CityKey) => boolean | undefined,
  read: (chunk: readonly CityKey[]) => Promise<readonly (boolean | undefined)[]>,
): Promise<void> {
  const { answers } = stage;
  await answers.during(name, 'reads', () =>
    inTurn(stage, name, keys, AT_ONCE, read, (chunk, found) => {
      chunk.forEach((key, index) => {
        const wanted = mustBe(key);
        const fault = Object.is(found[index], wanted) ? undefined : `is ${found[index]}, not ${wanted}`;
        answers.count(() => `${name}: city ${textOf(key)}`, fault);
      });
    }),
  );
}

/** Flags: true where somebody was, false where somebody was not, and nothing where nobody was asked. */
export const visit: Act = async (stage) => {
  const { visited } = stage;
  const [seen, unseen, unasked] = [6, 7, 8].map((first) => some(stage, 10, first).map(keyOf)) as [
    CityKey[],
    CityKey[],
    CityKey[],
  ];
  const truth = new Map([
    ...seen.map((key) => [textOf(key), true] as const),
    ...unseen.map((key) => [textOf(key), false] as const),
  ]);
  const all = [...seen, ...unseen, ...unasked];
  const flagOf = (key: CityKey) => truth.get(textOf(key));
  await changeAll(stage, 'set flags', seen, (key) => visited.set(key).then(() => undefined));
  await changeAll(stage, 'unset flags', unseen, (key) => visited.unset(key).then(() => undefined));
  await readFlags(stage, 'get flags', all, flagOf, (chunk) => Promise.all(chunk.map((key) => visited.get(key))));
  const forgotten = seen.filter((_, index) => index % 2 === 0);
  for (const key of forgotten) truth.delete(textOf(key));
  await changeAll(stage, 'delete flags', forgotten, async (key) =>
    (await visited.delete(key)) ? undefined : 'there was nothing to delete',
  );
  const isSet = (key: CityKey) => flagOf(key) === true;
  await readFlags(stage, 'isSetMany', all, isSet, (chunk) => visited.isSetMany(chunk));
  const durably = { from: 'durable' } as const;
  await readFlags(stage, 'isSetMany, durable', all, isSet, (chunk) => visited.isSetMany(chunk, durably));
};
