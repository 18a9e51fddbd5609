import { randomBytes } from 'node:crypto';
import type { Clock } from '../core/clock.js';
import {
  type FallbackDriver,
  type KeyedChange,
  type Scanned,
  StoreFault,
  type WriteResult,
} from '../core/fallback-driver.js';
import { getOrMake } from '../core/get-or-make.js';
import type { CommitMode, HotEntry, HotFault, HotReply, HotStore } from '../core/hot-store.js';
import type { Entry, Query } from '../core/kind.js';
import type { Logger } from '../core/logger.js';
import type { Key, Schema } from '../core/schema.js';
import { keysBySchema } from './by-schema.js';
import { InFlight } from './in-flight.js';
import type { Changed, Settle, Store } from './store.js';
import { Outage, unavailable } from './unavailable.js';
import { Undelivered } from './undelivered.js';

/** What a fenced store is made of. Times in milliseconds. */
export interface FencedOptions {
  readonly hot: HotStore;
  readonly driver: FallbackDriver;
  readonly changed: Changed;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a write may hold its lock: longer than the durable store may take for a statement. */
  readonly lockTime: number;
  /** How often keys that could not be dropped are tried again. */
  readonly repairInterval: number;
}

/** Whether the step certainly was not made. */
const neverSent = ({ error }: NonNullable<HotFault>) => error instanceof StoreFault && error.outcome === 'none';

type Touched = ReadonlyMap<Schema, readonly Key[]>;

/**
 * A hot tier in front of a durable store, kept consistent by the fenced protocol: a write locks the hot entry, makes the
 * durable write, then commits the hot entry; a read fills a cold entry only while nobody wrote it. docs/architecture.md tells the
 * steps, and what each guards against.
 */
export class FencedStore implements Store {
  readonly name: string;
  readonly transactions: boolean;
  readonly ttl: boolean;
  readonly inProcess: boolean;
  readonly #options: FencedOptions;
  readonly #undelivered: Undelivered;
  readonly #inFlight = new InFlight();
  readonly #hotOutage: Outage;
  readonly #durableOutage: Outage;
  readonly #process = randomBytes(6).toString('hex');
  #count = 0;

  constructor(options: FencedOptions) {
    this.#options = options;
    this.name = options.driver.name;
    this.inProcess = options.hot.inProcess ?? false;
    ({ transactions: this.transactions, ttl: this.ttl } = options.driver.capabilities);
    this.#hotOutage = new Outage(options.hot.name, options.clock);
    this.#durableOutage = new Outage(options.driver.name, options.clock);
    this.#undelivered = new Undelivered({
      hot: options.hot,
      clock: options.clock,
      interval: options.repairInterval,
      logger: options.logger,
    });
  }

  load(schema: Schema, keys: readonly Key[], query: Query, settle: Settle): void {
    this.#inFlight.track(this.#load(schema, keys, query, settle));
  }

  async #load(schema: Schema, keys: readonly Key[], query: Query, settle: Settle): Promise<void> {
    const token = this.#token();
    const replies = await this.#askHot(schema, keys, query, token);
    const cold: number[] = [];
    const fills: number[] = [];
    let hotError: unknown;
    for (let index = 0; index < keys.length; index++) {
      const reply = replies[index]!;
      if (reply.state === 'value') settle(index, undefined, { value: reply.value });
      else if (reply.state === 'absent') settle(index, undefined, null);
      else {
        cold.push(index);
        if (reply.state === 'fill') fills.push(index);
        else if (reply.state === 'unreachable') hotError = reply.error;
        else if (reply.state === 'corrupt') this.#corrupt(schema, keys[index]!, reply.fact);
      }
    }
    if (hotError === undefined) this.#hotOutage.ok();
    if (cold.length === 0) return;
    let entries: readonly (Entry | null)[];
    try {
      entries = await this.#readDurable(
        schema,
        cold.map((index) => keys[index]!),
        undefined,
        hotError,
      );
    } catch (error) {
      for (const index of cold) settle(index, error, null);
      return;
    }
    const found = new Map<number, Entry | null>();
    cold.forEach((index, at) => {
      const entry = entries[at]!;
      found.set(index, entry);
      settle(
        index,
        undefined,
        entry && query !== undefined ? { ...entry, value: schema.kind.select(schema, entry.value, query) } : entry,
      );
    });
    if (fills.length > 0)
      await this.#options.hot.fill(
        schema,
        this.#hotEntries(
          schema,
          fills.map((index) => [keys[index]!, found.get(index)!]),
        ),
        token,
      );
  }

  /** What the hot tier says; keys that it may not be trusted with are not asked for. */
  async #askHot(schema: Schema, keys: readonly Key[], query: Query, token: string): Promise<readonly HotReply[]> {
    if (!this.#undelivered.any(schema)) return this.#options.hot.read(schema, keys, query, token);
    const trusted = keys.filter((key) => !this.#undelivered.has(schema, key));
    const replies = trusted.length > 0 ? await this.#options.hot.read(schema, trusted, query, token) : [];
    const byKey = new Map(trusted.map((key, at) => [key, replies[at]!]));
    return keys.map((key) => byKey.get(key) ?? { state: 'busy' });
  }

  read(schema: Schema, keys: readonly Key[], query: Query): Promise<readonly (Entry | null)[]> {
    return this.#inFlight.track(this.#readDurable(schema, keys, query));
  }

  async write(changes: readonly KeyedChange[], mode: CommitMode): Promise<WriteResult> {
    return this.#inFlight.track(this.#write(changes, mode));
  }

  async #write(changes: readonly KeyedChange[], mode: CommitMode): Promise<WriteResult> {
    const touched = keysBySchema(changes);
    const token = this.#token();
    this.#tell(touched);
    await this.#begin(touched, token);
    let result: WriteResult;
    try {
      result = await this.#options.driver.write(changes);
      this.#durableOutage.ok();
    } catch (error) {
      if (error instanceof StoreFault && error.outcome === 'unknown')
        this.#inFlight.track(this.#keepUntilKnown(touched, token, error));
      else await this.#abandon(touched, token);
      throw unavailable(
        `Writing ${[...touched.keys()].map((schema) => schema.name).join(', ')}`,
        error,
        this.#durableOutage,
      );
    } finally {
      this.#tell(touched);
    }
    if (result.done) await this.#commit(changes, result.outcomes, token, mode);
    else await this.#abandon(touched, token);
    this.#tell(touched);
    return result;
  }

  async #begin(touched: Touched, token: string): Promise<void> {
    const { hot, lockTime } = this.#options;
    await Promise.all(
      [...touched].map(async ([schema, keys]) => {
        const faults = await hot.begin(schema, keys, token, lockTime);
        faults.forEach((fault, index) => {
          if (fault) this.#undelivered.add(schema, keys[index]!, neverSent(fault) ? undefined : token);
        });
      }),
    );
  }

  async #commit(
    changes: readonly KeyedChange[],
    outcomes: readonly { readonly entry: Entry | null }[],
    token: string,
    mode: CommitMode,
  ): Promise<void> {
    const last = new Map<Schema, Map<string, [Key, Entry | null]>>();
    changes.forEach(({ schema, key }, index) => {
      getOrMake(last, schema, () => new Map<string, [Key, Entry | null]>()).set(key.id, [key, outcomes[index]!.entry]);
    });
    await Promise.all(
      [...last].map(async ([schema, entries]) => {
        const hotEntries = this.#hotEntries(schema, [...entries.values()]);
        const faults = await this.#options.hot.commit(schema, hotEntries, token, mode);
        this.#distrust(
          schema,
          hotEntries.map(({ key }) => key),
          faults,
          token,
        );
      }),
    );
  }

  async #abandon(touched: Touched, token: string): Promise<void> {
    await this.#eachSchema(touched, token, (schema, keys) => this.#options.hot.abandon(schema, keys, token));
  }

  /** A statement that timed out may still land: its lock is kept until it cannot any more, then the keys are dropped. */
  async #keepUntilKnown(touched: Touched, token: string, fault: StoreFault): Promise<void> {
    const { hot, clock, lockTime } = this.#options;
    let known = false;
    const over = this.#known(fault).then(() => {
      known = true;
    });
    while (!known) {
      let cancel = () => {};
      await Promise.race([over, new Promise<void>((resolve) => (cancel = clock.after(lockTime / 3, resolve)))]);
      cancel();
      if (!known) await this.#eachSchema(touched, token, (schema, keys) => hot.renew(schema, keys, token, lockTime));
    }
    await this.#abandon(touched, token);
    this.#tell(touched);
  }

  /** Resolves when a statement of unknown outcome has ended, or cannot land any more. */
  async #known(fault: StoreFault): Promise<void> {
    const ended = Symbol();
    const bound = new Promise<typeof ended>((resolve) => this.#options.clock.after(fault.unknownFor, () => resolve(ended)));
    const late = await Promise.race([fault.settled ?? bound, bound]);
    if (late instanceof StoreFault && late.outcome === 'unknown') await this.#known(late);
  }

  async drop(schema: Schema, keys: readonly Key[]): Promise<void> {
    this.#options.changed(schema, keys);
    this.#distrust(schema, keys, await this.#options.hot.drop(schema, keys));
    this.#options.changed(schema, keys);
  }

  async *scan(schema: Schema): AsyncIterable<Scanned> {
    try {
      yield* this.#options.driver.scan(schema);
    } catch (error) {
      throw unavailable(`Scanning ${schema.name}`, error, this.#durableOutage);
    }
  }

  async count(schema: Schema): Promise<number> {
    try {
      return await this.#options.driver.count(schema);
    } catch (error) {
      throw unavailable(`Counting ${schema.name}`, error, this.#durableOutage);
    }
  }

  async close(): Promise<void> {
    await this.#inFlight.idle();
    await this.#undelivered.drain();
    this.#undelivered.close();
  }

  async #readDurable(
    schema: Schema,
    keys: readonly Key[],
    query: Query,
    hotError?: unknown,
  ): Promise<readonly (Entry | null)[]> {
    try {
      const entries = await this.#options.driver.read(schema, keys, query);
      this.#durableOutage.ok();
      return entries;
    } catch (error) {
      const hot = hotError === undefined ? [] : [this.#hotOutage.failed(hotError)];
      throw unavailable(`Reading ${schema.name}`, error, this.#durableOutage, hot);
    }
  }

  #hotEntries(schema: Schema, entries: readonly (readonly [Key, Entry | null])[]): HotEntry[] {
    return entries.map(([key, entry]) => ({ key, value: entry ? entry.value : null, ttl: this.#ttl(schema, entry) }));
  }

  /** A hot entry never outlives its durable one. */
  #ttl(schema: Schema, entry: Entry | null): number | undefined {
    const full = entry ? schema.ttl : schema.absentTtl;
    const ttl = full === undefined ? undefined : Math.max(1, Math.round(full * (1 - Math.random() * schema.jitter)));
    if (entry?.expiresAt === undefined) return ttl;
    const left = Math.max(1, entry.expiresAt - this.#options.clock.now());
    return ttl === undefined ? left : Math.min(ttl, left);
  }

  async #eachSchema(
    touched: Touched,
    token: string,
    step: (schema: Schema, keys: readonly Key[]) => Promise<readonly HotFault[]>,
  ): Promise<void> {
    await Promise.all(
      [...touched].map(async ([schema, keys]) => this.#distrust(schema, keys, await step(schema, keys), token)),
    );
  }

  /** Keys whose step could not be delivered are not served hot until they have been dropped. */
  #distrust(schema: Schema, keys: readonly Key[], faults: readonly HotFault[], token?: string): void {
    faults.forEach((fault, index) => {
      if (fault) this.#undelivered.add(schema, keys[index]!, token);
    });
  }

  #corrupt(schema: Schema, key: Key, fact: string): void {
    const { hot, driver, logger } = this.#options;
    logger.warn(
      `holdfast: the ${hot.name} entry of ${schema.name} ${key.id} could not be read (${fact}); it was dropped and is read from ${driver.name} again.`,
    );
  }

  #tell(touched: Touched): void {
    for (const [schema, keys] of touched) this.#options.changed(schema, keys);
  }

  #token(): string {
    return `${this.#process}${(this.#count++).toString(36)}`;
  }
}
