import type { TierCounts } from './tiers.js';

/** What became of one act. */
export interface ActResult {
  readonly name: string;
  readonly kind: 'reads' | 'writes';
  readonly answers: number;
  /** The time that Holdfast took for them, in seconds; checking them not counted. */
  readonly seconds: number;
  /** Which tier answered how many; of writes nothing. */
  readonly tiers: { readonly cache: number; readonly hot: number; readonly durable: number };
  readonly wrong: number;
}

const SHOWN = 10;

/** Collects the answers of all acts, and keeps the first wrong ones. */
export class Answers {
  readonly acts: ActResult[] = [];
  readonly examples: string[] = [];
  readonly #counts: () => TierCounts;
  #answers = 0;
  #wrong = 0;
  #seconds = 0;

  constructor(counts: () => TierCounts) {
    this.#counts = counts;
  }

  /** How many keys each tier has answered so far, whoever asked. */
  get tiers(): TierCounts {
    return this.#counts();
  }

  get total(): number {
    return this.acts.reduce((sum, act) => sum + act.answers, 0);
  }

  get wrong(): number {
    return this.acts.reduce((sum, act) => sum + act.wrong, 0);
  }

  /** Runs an act, and keeps what became of it. */
  async during(name: string, kind: ActResult['kind'], act: () => Promise<void>): Promise<void> {
    this.#answers = this.#wrong = this.#seconds = 0;
    const before = this.#counts();
    await act();
    const after = this.#counts();
    const hot = kind === 'reads' ? after.hot - before.hot : 0;
    const durable = kind === 'reads' ? after.durable - before.durable : 0;
    const cache = kind === 'reads' ? this.#answers - hot - durable : 0;
    const { length } = this.acts;
    this.acts[length] = {
      name,
      kind,
      answers: this.#answers,
      seconds: this.#seconds,
      tiers: { cache, hot, durable },
      wrong: this.#wrong,
    };
  }

  /** Counts the time that `call` takes. */
  async timed<T>(call: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await call();
    } finally {
      this.#seconds += (performance.now() - start) / 1000;
    }
  }

  /** Counts one answer; `fault` says what is wrong with it. */
  count(subject: () => string, fault: string | undefined): void {
    this.#answers++;
    if (fault === undefined) return;
    this.#wrong++;
    if (this.examples.length < SHOWN) this.examples.push(`${subject()}: ${fault}`);
  }
}
