import { textOf } from '../stage.js';
import type { Findings } from './findings.js';
import type { CityHistory } from './history.js';
import type { Pace } from './pace.js';
import type { Party, Reader } from './party.js';
import type { Reading } from './readers.js';

/** What everybody in the act has in common. */
export interface Play {
  /** The holdfasts of this process. */
  readonly parties: readonly Party[];
  /** These, and one in a process of its own, where the tiers can be reached from there. */
  readonly readers: readonly Reader[];
  /** The cities that are written to. */
  readonly cities: readonly CityHistory[];
  readonly findings: Findings;
  readonly tally: Tally;
  readonly pace: Pace;
  /** Aborted when the act is over. */
  readonly over: AbortSignal;
}

/** What is counted beside the findings. */
export class Tally {
  reads = 0;
  /** Of these, by parties with an in-process cache. */
  behindCaches = 0;
  /** Acknowledged, and told to the hot tier. */
  told = 0;
  /** Acknowledged by the durable store; the hot tier was not reached. */
  untold = 0;
  failedReads = 0;
  failedWrites = 0;
  failure: unknown;
  /** After each outage: what the hot tier came back with, and the milliseconds until every party was served by it again. */
  readonly recoveries: { readonly after: string; readonly ms: number | undefined }[] = [];
  /** The longest call since it was last asked for, and of all, in milliseconds. */
  #slowest = 0;
  longest = 0;

  get writes(): number {
    return this.told + this.untold;
  }

  took(ms: number): void {
    this.#slowest = Math.max(this.#slowest, ms);
    this.longest = Math.max(this.longest, ms);
  }

  failed(what: 'Reads' | 'Writes', error: unknown): void {
    this[`failed${what}`]++;
    this.failure ??= error;
  }

  slowest(): number {
    const slowest = this.#slowest;
    this.#slowest = 0;
    return slowest;
  }
}

/**
 * For how long after its acknowledgement a write may not be seen by a reader, in milliseconds. The bounds are those that are
 * promised: an in-process cache its ttl, a writer that could not reach the hot tier the repair interval. To each comes the
 * time of the calls themselves here: of the read that is kept, and of a repair, which takes three.
 */
export function boundOf({ pace, tally }: Play, { caches }: Reader, delivered: boolean): number {
  return (caches > 0 ? caches + tally.longest : 0) + (delivered ? 0 : pace.repair + 3 * tally.longest);
}

/** Holds what somebody read against what was written; what comes from the durable store has no bound. */
export function judge(play: Play, reader: Reader, { from, at, answers, begun, ended }: Reading): void {
  const durable = from === 'durable';
  const bound = (delivered: boolean) => (durable ? 0 : boundOf(play, reader, delivered));
  const by = `read by ${reader.name}${durable ? " from: 'durable'" : ''},`;
  for (const [index, answer] of answers.entries()) {
    const city = play.cities[at[index]!]!;
    const verdict = city.judge({ answer, begun, ended, bound });
    play.findings.answered(verdict, durable, () => `city ${textOf(city.first)}, ${by}`);
  }
}

/** Counts what somebody read during the act, and judges it. */
export function heard(play: Play, reader: Reader, reading: Reading): void {
  const { tally } = play;
  tally.took(reading.ended - reading.begun);
  tally.reads += reading.answers.length;
  if (reader.caches > 0) tally.behindCaches += reading.answers.length;
  judge(play, reader, reading);
}
