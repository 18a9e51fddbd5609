import { EventEmitter } from 'node:events';
import type Opossum from 'opossum';
import type { Clock } from '../core/clock.js';

const BUCKETS = 10;

/** The time over which opossum counts, turned by our clock when there is something to count instead of by timers. */
export class RollingWindow {
  readonly #clock: Clock;
  readonly #length: number;
  readonly #slice: number;
  #current: number;
  #rotator = new EventEmitter();

  /** `length` in milliseconds. */
  constructor(clock: Clock, length: number) {
    this.#clock = clock;
    this.#length = length;
    this.#slice = Math.max(1, length / BUCKETS);
    this.#current = Math.floor(clock.now() / this.#slice);
  }

  /** Settings of a new engine; the one before it is turned no more. */
  settings(): Opossum.Options {
    this.#rotator = new EventEmitter();
    return {
      rollingCountTimeout: this.#length,
      rollingCountBuckets: BUCKETS,
      rotateBucketController: this.#rotator,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
    };
  }

  /** Brings the window up to now. */
  turn(): void {
    const now = Math.floor(this.#clock.now() / this.#slice);
    if (now === this.#current) return;
    for (let turns = Math.min(now - this.#current, BUCKETS); turns > 0; turns--) this.#rotator.emit('rotate');
    this.#current = now;
  }
}
