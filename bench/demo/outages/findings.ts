import type { Verdict } from './history.js';

const SHOWN = 10;

/** What the answers of the act were found to be. */
export class Findings {
  readonly examples: string[] = [];
  checked = 0;
  /** Answers that nobody ever wrote. */
  wrong = 0;
  /** Acknowledged writes that the durable store did not have. */
  lost = 0;
  /** Answers older than a write that was acknowledged before the read began, beyond the bounds. */
  stale = 0;
  /** The same, within the bounds. */
  within = 0;
  /** The oldest of those, in milliseconds. */
  oldest = 0;

  get clean(): boolean {
    return this.wrong + this.lost + this.stale === 0;
  }

  /** An answer; one of the durable store is never stale: what it lacks is lost. */
  answered(verdict: Verdict, durable: boolean, subject: () => string): void {
    this.checked++;
    if (verdict.is === 'right') return;
    if (verdict.is === 'within') {
      this.within++;
      this.oldest = Math.max(this.oldest, verdict.age);
      return;
    }
    const what = verdict.is === 'stale' && durable ? 'lost' : verdict.is;
    this.#found(what, subject, verdict.fault);
  }

  /** Hot entries that were compared with the durable store, and those that say something else. */
  compared(agreeing: number, differing: number, subject: () => string): void {
    this.checked += agreeing + differing;
    if (differing === 0) return;
    this.#found('stale', subject, 'is hot, but not as the durable store has it');
    this.stale += differing - 1;
  }

  /** What a write answered is wrong. */
  wrote(subject: () => string, fault: string): void {
    this.#found('wrong', subject, fault);
  }

  /** A write that was acknowledged is not there. */
  missing(subject: () => string, fault: string): void {
    this.#found('lost', subject, fault);
  }

  #found(what: 'wrong' | 'lost' | 'stale', subject: () => string, fault: string): void {
    this[what]++;
    if (this.examples.length < SHOWN) this.examples.push(`${what}: ${subject()} ${fault}`);
  }
}
