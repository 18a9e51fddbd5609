import type { FlagRepository, HashRepository } from 'holdfast';
import type { Answers } from './answers.js';
import type { CityData, CityKey } from './cities.js';
import type { City } from './city.js';
import { difference } from './difference.js';
import type { Progress } from './progress.js';
import type { Visited } from './visited.js';

/** What an act plays on. */
export interface Stage {
  readonly repository: HashRepository<City>;
  readonly visited: FlagRepository<Visited>;
  /** What the stores must hold, in the order of the source. Acts that change cities change it. */
  readonly truth: Map<string, CityData>;
  readonly answers: Answers;
  readonly progress: Progress;
  /** Aborted when the user wants the demo to end. */
  readonly signal: AbortSignal;
}

/** One scene of the demo. */
export type Act = (stage: Stage) => Promise<void>;

/** How many calls are under way at once. */
export const AT_ONCE = 500;

export const keyOf = ({ country, cityId }: CityKey): CityKey => ({ country, cityId });

export const textOf = ({ country, cityId }: CityKey): string => `${country}:${cityId}`;

/** Every `step`-th of the cities that exist, beginning with number `first`. */
export function some({ truth }: Stage, step: number, first = 0): CityData[] {
  return [...truth.values()].filter((_, index) => index % step === first % step);
}

/** Calls `run` with chunk after chunk, with progress; its time counts. `count` looks at what it returned. */
export async function inTurn<T, R>(
  { progress, answers, signal }: Stage,
  name: string,
  items: readonly T[],
  size: number,
  run: (chunk: readonly T[]) => Promise<R>,
  count: (chunk: readonly T[], result: R) => void,
): Promise<void> {
  progress.start(name, items.length);
  for (let at = 0; at < items.length; at += size) {
    signal.throwIfAborted();
    const chunk = items.slice(at, at + size);
    count(chunk, await answers.timed(() => run(chunk)));
    progress.step(chunk.length);
  }
  progress.stop();
}

/** Reads the cities under `keys`, and checks each against the truth. */
export async function readAll(
  stage: Stage,
  name: string,
  keys: readonly CityKey[],
  read: (chunk: readonly CityKey[]) => Promise<readonly unknown[]>,
  fields?: readonly (keyof CityData)[],
): Promise<void> {
  const { answers, truth } = stage;
  await answers.during(name, 'reads', () =>
    inTurn(stage, name, keys, AT_ONCE, read, (chunk, found) => {
      chunk.forEach((key, index) => {
        const fault = difference(truth.get(textOf(key)), found[index], fields);
        answers.count(() => `${name}: city ${textOf(key)}`, fault);
      });
    }),
  );
}

/** Makes changes, and checks what each call returned. */
export async function changeAll<T extends CityKey>(
  stage: Stage,
  name: string,
  items: readonly T[],
  change: (item: T) => Promise<string | undefined>,
): Promise<void> {
  const { answers } = stage;
  await answers.during(name, 'writes', () =>
    inTurn(
      stage,
      name,
      items,
      AT_ONCE,
      (chunk) => Promise.all(chunk.map(change)),
      (chunk, faults) => {
        for (const [index, item] of chunk.entries())
          answers.count(() => `${name}: city ${textOf(item)}`, faults[index]);
      },
    ),
  );
}
