import type { Clock } from '../core/clock.js';
import { StoreFault } from '../core/fallback-driver.js';
import { getOrMake } from '../core/get-or-make.js';
import type { HotStore } from '../core/hot-store.js';
import type { Logger } from '../core/logger.js';
import type { Schema } from '../core/schema.js';
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
  #status: TierStatus;
  #running: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  readonly #unwatch: (() => void) | undefined;
  #lastRun = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: DrainOptions) {
    const { hot, clock } = options;
    this.#options = options;
    this.#status = { state: 'recovering', since: clock.now(), cause: undefined };
    this.trust = new Trust({ tier: hot.name, clock, onLoss: (cause) => this.#onLoss(cause) });
    this.#unwatch = hot.watch?.((place, there) => this.#onConnection(place, there));
  }

  /** How the hot tier stands. `recovering`: it answers, but what it was not told of is not dropped from it yet. */
  get status(): TierStatus {
    return this.#status;
  }

  /** Drains for the first time, and from then on at each interval. */
  async start(): Promise<void> {
    await this.run();
    this.#schedule();
  }

  /** Drains, as far as the tiers can be reached. */
  run(): Promise<void> {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** What only this process knows of, it tries to deliver once more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    this.#unwatch?.();
    await this.#running;
    if (this.#options.outbox.unstored > 0) await this.run();
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
    if (this.#status.state === 'up') this.#become('recovering', cause);
    if (!this.#closed && clock.now() - this.#lastRun >= interval / 10) void this.run();
  }

  /** Others may write past a place that nobody here asks for anything meanwhile. */
  #onConnection(place: string, there: boolean): void {
    if (!there) this.trust.lose(place, new StoreFault('its connection was closed', 'none'));
    else if (this.trust.losses.has(place)) void this.run();
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
    if (answering.size < places.size || places.size === 0) this.#down();
    else answers();
    if (answering.size === 0) return;
    const dropped = await this.#dropAll(answering);
    if (dropped === undefined) return;
    this.trust.regain(before, answering, places);
    this.#regained(dropped);
  }

  /** Drops the keys of every row; gives how many, or `undefined` where the outbox could not be read to its end. */
  async #dropAll(answering: ReadonlySet<string>): Promise<number | undefined> {
    const { hot, outbox, durable, logger } = this.#options;
    let dropped = 0;
    try {
      for await (const page of outbox.pages()) dropped += await this.#drop(page, answering);
      durable.ok();
      return dropped;
    } catch (error) {
      // Nothing is known of what the hot tier was not told: what was lost stays so.
      if (durable.status.state === 'up')
        logger.warn(
          `holdfast: the outbox in ${outbox.home} could not be looked at (${textOf(error)}); ${hot.name} is not trusted with what it was not told of before it can.`,
        );
      durable.failed(error);
      return undefined;
    }
  }

  /** Drops the keys of the rows from the hot tier, then the rows; gives how many. */
  async #drop(page: readonly OutboxRow[], answering: ReadonlySet<string>): Promise<number> {
    const { hot, outbox, changed } = this.#options;
    const bySchema = new Map<Schema, OutboxRow[]>();
    for (const row of page)
      if (answering.has(hot.place(row.schema, row.key))) getOrMake(bySchema, row.schema, () => []).push(row);
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

  #down(): void {
    const { hot, outbox, logger } = this.#options;
    const { cause } = [...this.trust.losses.values()].at(-1) ?? {};
    if (this.#status.state === 'down') return;
    this.#become('down', cause);
    logger.warn(
      `holdfast: ${hot.name} does not answer (${textOf(cause)}): reads go on from ${outbox.home}, and what is written is noted in its outbox.`,
    );
  }

  #regained(dropped: number): void {
    const { hot, clock, logger } = this.#options;
    const { state, since } = this.#status;
    if (this.trust.whole && state !== 'up') this.#become('up', undefined);
    const rows = dropped > 0 ? `${dropped} keys that it had not been told of were dropped from it` : '';
    if (this.trust.whole && state === 'down')
      logger.info(
        `holdfast: ${hot.name} answers again, after ${clock.now() - since} ms${rows && `; ${rows}`}; it is trusted again.`,
      );
    else if (rows) logger.info(`holdfast: ${hot.name}: ${rows}.`);
  }

  #become(state: TierStatus['state'], cause: unknown): void {
    // Since when it has not been up, however often it came and went meanwhile.
    const since = (state === 'up') === (this.#status.state === 'up') ? this.#status.since : this.#options.clock.now();
    this.#status = { state, since, cause };
  }
}

const textOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0]!;
