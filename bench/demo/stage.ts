import { setTimeout as sleep } from 'node:timers/promises';
import type { FlagRepository, GeoSetRepository, HashRepository, SortedSetRepository } from 'holdfast';
import type { ActResult, Answers } from './answers.js';
import type { CityData, CityKey } from './cities.js';
import type { CitiesByPopulation } from './cities-by-population.js';
import type { City } from './city.js';
import type { CityMap } from './city-map.js';
import { difference } from './difference.js';
import type { Progress } from './progress.js';
import type { Visited } from './visited.js';

/** What an act plays on. */
export interface Stage {
  readonly repository: HashRepository<City>;
  readonly visited: FlagRepository<Visited>;
  readonly rankings: SortedSetRepository<CitiesByPopulation>;
  readonly maps: GeoSetRepository<CityMap>;
  /** All cities, as the source has them. */
  readonly cities: readonly CityData[];
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

/** One call, and what is wrong with what it answers. */
export interface Question {
  readonly subject: string;
  /** Asks; what it gives tells what is wrong, when there is time for that. */
  readonly ask: () => Promise<() => string | undefined>;
}

/** A question whose answer `faultOf` looks at. */
export const question = <T>(
  subject: string,
  ask: () => Promise<T>,
  faultOf: (answer: T) => string | undefined,
): Question => ({
  subject,
  async ask() {
    const answer = await ask();
    return () => faultOf(answer);
  },
});

/** Asks all questions, `atOnce` of them at a time, and checks the answers. */
export async function askAll(
  stage: Stage,
  name: string,
  kind: ActResult['kind'],
  questions: readonly Question[],
  atOnce = AT_ONCE,
): Promise<void> {
  const { answers } = stage;
  await answers.during(name, kind, () =>
    inTurn(
      stage,
      name,
      questions,
      atOnce,
      (chunk) => Promise.all(chunk.map(({ ask }) => ask())),
      (chunk, faults) => {
        for (const [index, { subject }] of chunk.entries())
          answers.count(() => `${name}: ${subject}`, faults[index]!());
      },
    ),
  );
}

// A hot tier that is slow, or away, is gone on without.
const MOST_LOOKS = 100;
const BETWEEN_LOOKS = 50;

/** Waits until the hot tier answers `ask`: who reads a collection does not wait until it has been filled. */
export async function untilHot({ answers, signal }: Stage, ask: () => Promise<unknown>): Promise<void> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const before = answers.tiers.hot;
    await ask();
    if (answers.tiers.hot > before) return;
    await sleep(BETWEEN_LOOKS, undefined, { signal });
  }
}
