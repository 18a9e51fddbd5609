import type { Clock } from '../core/clock.js';
import { ClosedError, MetadataError } from '../core/errors.js';
import type {
  DriverCapabilities,
  DriverOptions,
  FallbackDriver,
  KeyedChange,
  Scanned,
  WriteResult,
} from '../core/fallback-driver.js';
import { compareKeys } from '../core/key-order.js';
import type { Done, Entry, Query } from '../core/kind.js';
import type { Key, Schema } from '../core/schema.js';

/** Options of {@link memoryDriver}. */
export interface MemoryDriverOptions {
  /** What errors call it. Default `'memory'`. */
  readonly name?: string;
}

/**
 * A durable store in the memory of this process. What it holds lives as long as the driver itself: closed and opened again,
 * it shows the same entries, and several holdfasts that were given one driver share them.
 *
 * @example
 * const holdfast = await Holdfast.open({ entities: [Person], fallbacks: { postgres: memoryDriver() } });
 */
export function memoryDriver(options: MemoryDriverOptions = {}): FallbackDriver {
  return new MemoryDriver(options.name ?? 'memory');
}

interface Stored {
  readonly key: Key;
  readonly entry: Entry;
}

/** The entries of one entity. */
interface Table {
  readonly fingerprint: string;
  readonly stored: Map<string, Stored>;
  /** Ids of the entries that end some day. */
  readonly ending: Set<string>;
  /** Goes round `ending`, a few at each write, so that what nobody reads any more goes too. */
  sweep: Iterator<string>;
}

class MemoryDriver implements FallbackDriver {
  readonly name: string;
  readonly capabilities: DriverCapabilities = {
    transactions: true,
    ttl: true,
    shared: false,
    inProcess: true,
    nul: true,
  };
  readonly #tables = new Map<string, Table>();
  #clock: Clock | undefined;
  #opened = 0;

  constructor(name: string) {
    this.name = name;
  }

  async open(schemas: readonly Schema[], { clock }: DriverOptions): Promise<void> {
    for (const schema of schemas) this.#checkSame(schema);
    this.#clock = clock;
    this.#opened++;
  }

  async read(schema: Schema, keys: readonly Key[], query: Query): Promise<readonly (Entry | null)[]> {
    const now = this.#now();
    const table = this.#table(schema);
    const entries = new Array<Entry | null>(keys.length);
    for (let at = 0; at < keys.length; at++) {
      const entry = live(table, keys[at]!.id, now)?.entry;
      if (entry === undefined) entries[at] = null;
      else if (query === undefined) entries[at] = entry;
      else entries[at] = { ...entry, value: schema.kind.select(schema, entry.value, query) };
    }
    return entries;
  }

  // No step between the first change and the last is asynchronous, so nobody sees a part of the write.
  async write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    const now = this.#now();
    const outcomes: Done[] = [];
    const undo: (() => void)[] = [];
    let complete = false;
    try {
      for (const [index, { schema, key, change }] of changes.entries()) {
        const table = this.#table(schema);
        const before = live(table, key.id, now);
        const outcome = schema.kind.apply(schema, before?.entry ?? null, change);
        if (outcome.status !== 'done') return { done: false, index, outcome };
        outcomes.push(outcome);
        put(table, key, outcome.entry);
        undo.push(() => put(table, key, before?.entry ?? null));
        sweep(table, now);
      }
      complete = true;
      return { done: true, outcomes };
    } finally {
      if (!complete) for (const step of undo.reverse()) step();
    }
  }

  async *scan(schema: Schema): AsyncIterable<Scanned> {
    this.#now();
    const table = this.#table(schema);
    const keys = Array.from(table.stored.values(), ({ key }) => key).sort(compareKeys);
    for (const key of keys) {
      const entry = live(table, key.id, this.#now())?.entry;
      if (entry) yield { key, entry };
    }
  }

  async count(schema: Schema): Promise<number> {
    const now = this.#now();
    const table = this.#table(schema);
    for (const id of table.ending) live(table, id, now);
    return table.stored.size;
  }

  async close(): Promise<void> {
    this.#opened = Math.max(0, this.#opened - 1);
  }

  #now(): number {
    if (this.#opened === 0) throw new ClosedError(`The store '${this.name}'`);
    return this.#clock!.now();
  }

  #table(schema: Schema): Table {
    let table = this.#tables.get(schema.name);
    if (!table) {
      const ending = new Set<string>();
      table = { fingerprint: schema.fingerprint, stored: new Map(), ending, sweep: ending.values() };
      this.#tables.set(schema.name, table);
    }
    return table;
  }

  #checkSame(schema: Schema): void {
    const table = this.#tables.get(schema.name);
    if (table === undefined || table.fingerprint === schema.fingerprint) return;
    if (table.stored.size === 0) {
      this.#tables.delete(schema.name);
      return;
    }
    throw new MetadataError([
      {
        subject: schema.target.name,
        fact: `has other fields than the entries of '${schema.name}' that the store '${this.name}' holds.`,
        remedy: 'Give open() a new memoryDriver().',
      },
    ]);
  }
}

/** What is stored under the id; an entry that has ended is removed. */
function live(table: Table, id: string, now: number): Stored | undefined {
  const stored = table.stored.get(id);
  if (stored?.entry.expiresAt === undefined || stored.entry.expiresAt > now) return stored;
  table.stored.delete(id);
  table.ending.delete(id);
  return undefined;
}

function put(table: Table, key: Key, entry: Entry | null): void {
  if (entry === null) table.stored.delete(key.id);
  else table.stored.set(key.id, { key, entry });
  if (entry?.expiresAt === undefined) table.ending.delete(key.id);
  else table.ending.add(key.id);
}

function sweep(table: Table, now: number): void {
  if (table.ending.size === 0) return;
  for (let step = 0; step < 2; step++) {
    const next = table.sweep.next();
    if (next.done) table.sweep = table.ending.values();
    else live(table, next.value, now);
  }
}
