import type { CityData } from '../cities.js';
import { difference } from '../difference.js';
import { now } from './now.js';

/** One state of a city: what a write that was begun makes of it. */
interface Version {
  /** `undefined`: deleted. */
  readonly value: CityData | undefined;
  readonly begun: number;
  /** Infinity while it is not acknowledged. */
  acknowledged: number;
  /** Whether the hot tier was told before it was acknowledged. */
  delivered: boolean;
}

/** An answer, and when its read began and ended. */
export interface Answered {
  readonly answer: unknown;
  readonly begun: number;
  readonly ended: number;
  /** For how many milliseconds after its acknowledgement a write may not be seen yet. */
  readonly bound: (delivered: boolean) => number;
}

/** What is to be said of an answer. */
export type Verdict =
  | { readonly is: 'right' }
  /** Older than a write that had been acknowledged, but within its bound; `age` since then, in milliseconds. */
  | { readonly is: 'within'; readonly age: number }
  | { readonly is: 'stale'; readonly age: number; readonly fault: string }
  /** Nothing that was ever written, or not yet when the read ended. */
  | { readonly is: 'wrong'; readonly fault: string };

const RIGHT: Verdict = { is: 'right' };

/**
 * All that a city has been: every write begun and acknowledged, in the order of its versions. Times are of
 * `now()`.
 */
export class CityHistory {
  readonly first: CityData;
  readonly #versions: Version[];

  constructor(first: CityData) {
    this.first = first;
    this.#versions = [
      { value: first, begun: Number.NEGATIVE_INFINITY, acknowledged: Number.NEGATIVE_INFINITY, delivered: true },
    ];
  }

  /** How many writes were begun; the next one makes the version after it. */
  get begun(): number {
    return this.#versions.length - 1;
  }

  /** What the city is once every write begun has been made. */
  get newest(): CityData | undefined {
    return this.#versions.at(-1)!.value;
  }

  /** Whether the last write begun was acknowledged. */
  get settled(): boolean {
    return this.isAcknowledged(this.begun);
  }

  isAcknowledged(version: number): boolean {
    return (this.#versions[version]?.acknowledged ?? Number.POSITIVE_INFINITY) < Number.POSITIVE_INFINITY;
  }

  /** A write begins that makes `value` of it; gives the number of its version. */
  begin(value: CityData | undefined): number {
    const none = { acknowledged: Number.POSITIVE_INFINITY, delivered: false };
    return this.#versions.push({ value, begun: now(), ...none }) - 1;
  }

  acknowledge(version: number, delivered: boolean): void {
    const made = this.#versions[version]!;
    made.acknowledged = now();
    made.delivered = delivered;
  }

  /** Holds an answer against the versions that it may be: none older than the last one acknowledged before the read began. */
  judge({ answer, begun, ended, bound }: Answered): Verdict {
    const newest = this.#versions.findLastIndex((version) => version.begun <= ended);
    const population = (answer as Partial<CityData> | undefined)?.population;
    let found = newest;
    for (; found >= 0; found--) {
      const { value } = this.#versions[found]!;
      if (value?.population === population && difference(value, answer) === undefined) break;
    }
    if (found < 0) {
      const { value } = this.#versions[newest]!;
      return { is: 'wrong', fault: difference(value, answer) ?? 'is none of its versions' };
    }
    let age = 0;
    let stale = false;
    for (const { acknowledged, delivered } of this.#versions.slice(found + 1)) {
      age = Math.max(age, begun - acknowledged);
      stale ||= acknowledged + bound(delivered) <= begun;
    }
    if (stale) return { is: 'stale', age, fault: `was written over ${age.toFixed(0)} ms before the read began` };
    return age > 0 ? { is: 'within', age } : RIGHT;
  }
}
