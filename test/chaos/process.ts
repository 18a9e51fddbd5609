import type { FallbackDriver, KeyedChange, WriteResult } from '../../src/core/fallback-driver.js';
import type { HotFault, HotStore } from '../../src/core/hot-store.js';
import type { Row, Schema } from '../../src/core/schema.js';
import { Holdfast, type HoldfastOptions, type RepositoryOf, StoreUnavailableError } from '../../src/index.js';
import { settled } from '../policies/gate.js';
import { until } from '../support/until.js';
import { Note, Page } from './entities.js';
import type { Held, History, Place } from './history.js';
import { Steps, steppedDriver, steppedHot } from './steps.js';

/** What a process is opened on: its own ways to the tiers. */
export interface Tiers {
  readonly hot: HotStore;
  readonly driver: FallbackDriver;
}

/** The ways to write a key; a batch writes the note and the page of that id. */
export type Write = 'save' | 'delete' | 'increment' | 'batch';

export const WRITES: readonly Write[] = ['save', 'delete', 'increment', 'batch'];

const OUTBOX = 'holdfast_outbox';

/** The places that a write is about. */
export const placesOf = (write: Write, id: string): readonly Place[] =>
  write === 'batch'
    ? [
        { entity: 'note', id },
        { entity: 'page', id },
      ]
    : [{ entity: 'note', id }];

/** One process: a holdfast of its own, its gates, and all that it reads and writes held against the history. */
export class Process {
  readonly name: string;
  readonly steps = new Steps();
  readonly #history: History;
  readonly #tiers: Tiers;
  readonly #schemas = new Map<string, Schema>();
  /** How many begins and commits of a key's last write the hot tier has confirmed. */
  readonly #told = new Map<string, number>();
  readonly #fills = new Map<string, Promise<unknown>>();
  #holdfast!: Holdfast;
  #notes!: RepositoryOf<Note>;
  #pages!: RepositoryOf<Page>;

  private constructor(name: string, history: History, tiers: Tiers) {
    this.name = name;
    this.#history = history;
    this.#tiers = tiers;
  }

  static async open(
    name: string,
    history: History,
    tiers: Tiers,
    options: Omit<HoldfastOptions, 'entities' | 'redis' | 'fallbacks'>,
  ): Promise<Process> {
    const process = new Process(name, history, tiers);
    await process.#open(options);
    return process;
  }

  /** True where it was acknowledged; false where the durable store could not be reached, or nobody knows what became of it. */
  async write(write: Write, id: string, n: number): Promise<boolean> {
    const places = placesOf(write, id);
    this.#told.delete(id);
    try {
      if (write === 'save') await this.#notes.save({ id, n });
      else if (write === 'delete') await this.#notes.delete(id);
      else if (write === 'increment') await this.#notes.increment(id, 'n');
      else
        await this.#holdfast.batch((batch) => {
          batch.repository(Note).save({ id, n });
          batch.repository(Page).save({ id, n });
        });
    } catch (error) {
      if (error instanceof StoreUnavailableError) return false;
      throw error;
    }
    const delivered = this.#told.get(id) === 2 * places.length;
    for (const place of places) this.#history.acknowledged(this.name, place, delivered);
    return true;
  }

  save(id: string, n: number): Promise<boolean> {
    return this.write('save', id, n);
  }

  /** What it reads, held against the history. */
  async find(id: string, entity: Place['entity'] = 'note'): Promise<Held> {
    const place = { entity, id };
    const floor = this.#history.floor(this.name, place);
    const found = await (entity === 'note' ? this.#notes : this.#pages).find(id);
    const value = found === undefined ? null : found.n;
    this.#history.check(this.name, place, floor, value);
    return value;
  }

  /** A read, until what it fills is filled, which its caller does not wait for. */
  async load(id: string): Promise<Held> {
    const value = await this.find(id);
    await settled();
    await this.#fills.get(id);
    return value;
  }

  async evict(id: string): Promise<void> {
    await this.#notes.evict(id);
    await this.#pages.evict(id);
  }

  /** What the durable store holds. */
  async durable({ entity, id }: Place): Promise<Held> {
    const [entry] = await this.#tiers.driver.read(this.#schema(entity), [{ id, parts: [id] }], undefined);
    return entry ? ((entry.value as Row)[0] as number) : null;
  }

  /** What the hot tier holds: a value, `null` for known absent, or its state. */
  async hot({ entity, id }: Place): Promise<Held | string> {
    const [found] = await this.#tiers.hot.peek(this.#schema(entity), [{ id, parts: [id] }]);
    if (found!.state === 'value') return (found!.value as Row)[0] as number;
    return found!.state === 'absent' ? null : found!.state;
  }

  /** How many rows the outbox has, or has of these ids. */
  async outbox(ids?: ReadonlySet<string>): Promise<number> {
    const { driver } = this.#tiers;
    const outbox = this.#schema(OUTBOX);
    if (!ids) return driver.count(outbox);
    let count = 0;
    for await (const { entry } of driver.scan(outbox)) if (ids.has((entry.value as Row)[2] as string)) count++;
    return count;
  }

  /** Waits until the hot tier answers this process. */
  async reconnected(): Promise<void> {
    await until(`${this.name} reaches the hot tier`, async () => {
      const places = await this.#tiers.hot.places();
      return [...places.values()].every((fault) => fault === undefined);
    });
  }

  /** The entities that are hot, as the stores know them. */
  get entities(): readonly Schema[] {
    return [...this.#schemas.values()].filter(({ name }) => name !== OUTBOX);
  }

  /** Whether it serves from the hot tier. */
  get trusting(): boolean {
    return this.#holdfast.health().state === 'up';
  }

  /** The process is killed: nothing it has begun goes on. */
  die(): void {
    this.steps.die();
  }

  /** A process that was killed lets nothing end; only its connections are taken from it. */
  close(): Promise<void> {
    this.steps.goOn();
    return this.steps.dead ? this.#tiers.driver.close() : this.#holdfast.close();
  }

  async #open(options: Omit<HoldfastOptions, 'entities' | 'redis' | 'fallbacks'>): Promise<void> {
    const passing = {
      at: this.steps.at.bind(this.steps),
      told: this.#onTold.bind(this),
      landed: this.#landed.bind(this),
      opened: (schemas: readonly Schema[]) => {
        for (const schema of schemas) this.#schemas.set(schema.name, schema);
      },
    };
    this.#holdfast = await Holdfast.open({
      entities: [Note, Page],
      redis: steppedHot(this.#tiers.hot, passing),
      fallbacks: { home: steppedDriver(this.#tiers.driver, passing) },
      synchronize: true,
      logger: false,
      ...options,
    });
    this.#notes = this.#holdfast.repository(Note);
    this.#pages = this.#holdfast.repository(Page);
  }

  #schema(name: string): Schema {
    const schema = this.#schemas.get(name);
    if (!schema) throw new Error(`${name} is not among the entities that the durable store was opened with`);
    return schema;
  }

  #onTold(method: 'begin' | 'commit' | 'fill', ids: readonly string[], faults: Promise<readonly HotFault[]>): void {
    if (method === 'fill') {
      for (const id of ids) this.#fills.set(id, faults);
      return;
    }
    void faults.then((all) => {
      for (const [at, id] of ids.entries()) if (!all[at]) this.#told.set(id, (this.#told.get(id) ?? 0) + 1);
    });
  }

  #landed(changes: readonly KeyedChange[], result: WriteResult): void {
    if (!result.done) return;
    for (const [at, { schema, key }] of changes.entries()) {
      if (schema.name === OUTBOX) continue;
      const { entry } = result.outcomes[at]!;
      const value = entry ? ((entry.value as Row)[0] as number) : null;
      this.#history.landed(this.name, { entity: schema.name as Place['entity'], id: key.id }, value);
    }
  }
}
