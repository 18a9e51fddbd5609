import { setTimeout as sleep } from 'node:timers/promises';
import type { HashRepository } from 'holdfast';
import type { CityKey } from '../cities.js';
import type { PlainCity } from '../city.js';
import { now } from './now.js';

const AT_ONCE = 20;
const PAUSE = 5;
/** Every so many-th turn reads past every cache. */
const DURABLE = 20;

/** What was read at once, and what the answers were. */
export interface Reading {
  readonly from: 'durable' | 'any';
  /** Which of the keys. */
  readonly at: readonly number[];
  readonly answers: readonly unknown[];
  readonly begun: number;
  readonly ended: number;
}

/** How {@link readOn} reads, and whom it tells. */
export interface ReadingOptions {
  readonly repository: HashRepository<PlainCity>;
  readonly keys: readonly CityKey[];
  stopped(): boolean;
  told(reading: Reading): void;
  failed(error: unknown): void;
}

/** Reads cities, some at once, until it is stopped. */
export async function readOn(options: ReadingOptions): Promise<void> {
  const indexes = options.keys.map((_, index) => index);
  for (let turn = 1; !options.stopped(); turn++) {
    const chosen = choose(indexes, AT_ONCE);
    if (turn % DURABLE === 0) await readDurable(options, chosen);
    else await Promise.all(chosen.map((index) => readOne(options, index)));
    await sleep(PAUSE);
  }
}

async function readOne({ repository, keys, told, failed }: ReadingOptions, index: number): Promise<void> {
  const begun = now();
  try {
    const answers = [await repository.find(keys[index]!)];
    told({ from: 'any', at: [index], answers, begun, ended: now() });
  } catch (error) {
    failed(error);
  }
}

async function readDurable({ repository, keys, told, failed }: ReadingOptions, at: readonly number[]): Promise<void> {
  const from = 'durable';
  const begun = now();
  try {
    const wanted = at.map((index) => keys[index]!);
    told({ from, at, answers: await repository.findMany(wanted, { from }), begun, ended: now() });
  } catch (error) {
    failed(error);
  }
}

/** Some of them, each at most once. */
export function choose<T>(all: readonly T[], count: number): T[] {
  const first = Math.floor(Math.random() * all.length);
  const step = 1 + Math.floor(Math.random() * 7);
  const chosen = Array.from({ length: count }, (_, at) => all[(first + at * step) % all.length]!);
  return [...new Set(chosen)];
}
