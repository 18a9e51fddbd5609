import type { Clock } from '../core/clock.js';
import { StoreFault } from '../core/fallback-driver.js';
import { getOrMake } from '../core/get-or-make.js';
import type { HotStore } from '../core/hot-store.js';
import type { Logger } from '../core/logger.js';
import type { Schema } from '../core/schema.js';
import { stayAlive } from '../policies/stay-alive.js';
import { HotStatus } from './hot-status.js';
import type { Outbox, OutboxRow } from './outbox.js';
import type { Changed } from './store.js';
import type { TierStatus } from './tier-status.js';
import { Trust } from './trust.js';
import type { Outage } from './unavailable.js';

/** What a drain is made of. */
export interface DrainOptions {
  /** Past the circuit breaker: the drain is what finds out that the tier is back. */
  readonly hot: HotStore;
  readonly outbox: Outbox;
  /** Of the store that the outbox lies in. */
  readonly durable: Outage;
  /** Called for keys that were dropped. */
  readonly changed: Changed;
  /** Called when every place of the hot tier answers. */
  readonly answers: () => void;
  /** Called when the outbox could be looked at. */
  readonly durableAnswers: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often the outbox is looked at, in milliseconds, while nothing is wrong as well. */
  readonly interval: number;
}

/**
 * Sees to it that what the hot tier was not told of is dropped from it. Each time: ask it whether it answers, read the rows of
 * the outbox, take their tokens out of the hot entries, delete the rows, and only then trust the tier again. Any number of
 * processes may do so at once, each for itself: every step is safe twice.
 */
export class Drain {
  readonly trust: Trust;
  readonly #options: DrainOptions;
  readonly #status: HotStatus;
  #running: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  readonly #unwatch: (() => void) | undefined;
  #lastRun = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: DrainOptions) {
    const { hot, clock, logger, outbox } = options;
    this.#options = options;
    this.#status = new HotStatus({ hot: hot.name, durable: outbox.home, clock, logger });
    this.trust = new Trust({ tier: hot.name, clock, onLoss: (cause) => this.#onLoss(cause) });
    this.#unwatch = hot.watch?.((place, there) => this.#onConnection(place, there));
  }

  get status(): TierStatus {
    return this.#status.current;
  }

  /** Drains for the first time, and from then on at each interval. Who opens does not wait for a long outbox: until it is drained, nothing is read hot. */
  async start(): Promise<void> {
    const { clock, interval } = this.#options;
    const first = this.run();
    await new Promise<void>((resolve) => {
      const cancel = clock.after(interval, resolve);
      void first.then(() => {
        cancel();
        resolve();
      });
    });
    if (this.#options.outbox.needed) this.#schedule();
  }

  /** Drains, as far as the tiers can be reached. */
  run(): Promise<void> {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** What only this process knows of, it tries to deliver once more; the rest is left to others. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    this.#unwatch?.();
    const rest = stayAlive();
    try {
      await this.#running;
      if (this.#options.outbox.unstored > 0) await this.run();
    } finally {
      rest();
    }
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#cancel = this.#options.clock.after(this.#options.interval, () => {
      void this.run().then(() => this.#schedule());
    });
  }

  /** One call without an answer is no outage yet: the tier is asked at once, though not over and over. */
  #onLoss(cause: unknown): void {
    const { clock, interval } = this.#options;
    this.#status.lost(cause);
    if (clock.now() - this.#lastRun >= interval / 10) this.#soon();
  }

  /** Others may write past a place that nobody here asks for anything meanwhile. */
  #onConnection(place: string, there: boolean): void {
    const { clock, interval } = this.#options;
    if (!there) this.trust.lose(place, new StoreFault('its connection was closed', 'none'));
    // A server that answers every probe by closing the connection is not asked without end.
    else if (this.trust.losses.has(place) && clock.now() - this.#lastRun >= interval / 4) this.#soon();
  }

  #soon(): void {
    if (!this.#closed) void this.run();
  }

  async #drain(): Promise<void> {
    const { hot, clock, answers } = this.#options;
    this.#lastRun = clock.now();
    const before = new Map(this.trust.losses);
    const places = await hot.places();
    const answering = new Set<string>();
    for (const [place, fault] of places)
      if (fault) this.trust.lose(place, fault.error);
      else answering.add(place);
    if (answering.size < places.size || places.size === 0) this.#status.silent(this.trust.lastCause);
    else {
      this.#status.answers();
      answers();
    }
    if (answering.size === 0) return;
    const dropped = await this.#dropAll(answering);
    if (dropped === undefined) return;
    this.trust.regain(before, answering, places);
    this.#status.drained(dropped, this.trust.whole, this.trust.lastCause);
  }

  /** Drops the keys of every row; gives how many, or `undefined` where the outbox could not be read to its end. */
  async #dropAll(answering: ReadonlySet<string>): Promise<number | undefined> {
    const { outbox, durable, durableAnswers } = this.#options;
    let dropped = 0;
    try {
      for await (const page of outbox.pages(this.trust.whole)) {
        dropped += await this.#drop(page, answering);
        if (this.#closed && outbox.unstored === 0) return undefined;
      }
      durable.ok();
      durableAnswers();
      return dropped;
    } catch (error) {
      // Nothing is known of what the hot tier was not told: what was lost stays so.
      this.#status.blind(error);
      durable.failed(error);
      return undefined;
    }
  }

  /** Drops the keys of the rows from the hot tier, then the rows; gives how many. */
  async #drop(page: readonly OutboxRow[], answering: ReadonlySet<string>): Promise<number> {
    const { hot, outbox, changed } = this.#options;
    const bySchema = new Map<Schema, OutboxRow[]>();
    for (const row of page) {
      const place = hot.place(row.schema, row.key);
      if (answering.has(place)) getOrMake(bySchema, row.schema, () => []).push(row);
      else if (this.trust.of(place))
        this.trust.lose(place, new StoreFault('it was not asked, and has a key that it was not told of', 'none'));
    }
    const done: OutboxRow[] = [];
    for (const [schema, rows] of bySchema) {
      const keys = rows.map(({ key }) => key);
      const tokens = rows.map(({ token }) => token);
      const faults = await hot.abandon(schema, keys, tokens);
      changed(schema, keys);
      rows.forEach((row, index) => {
        const fault = faults[index];
        if (fault) this.trust.lose(hot.place(schema, row.key), fault.error);
        else done.push(row);
      });
    }
    await outbox.remove(done);
    return done.length;
  }
}
