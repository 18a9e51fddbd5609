import type { Clock } from '../core/clock.js';
import type { FallbackDriver, KeyedChange, WriteResult } from '../core/fallback-driver.js';
import { keyOf, keyOfId } from '../core/key-text.js';
import type { RowChange } from '../core/kind.js';
import type { Key, Row, Schema } from '../core/schema.js';

/** A key that was written and of which the hot tier could not be told. */
export interface OutboxRow {
  /** The row's own key in the outbox. */
  readonly id: Key;
  readonly schema: Schema;
  readonly key: Key;
  /** The write, whose lock may be on the hot entry. */
  readonly token: string;
}

/** What an outbox is made of. */
export interface OutboxOptions {
  readonly driver: FallbackDriver;
  /** The outbox as an entity: scope, entity, key, token and time, in this order; `undefined` where nothing will ever be put into it. */
  readonly schema: Schema | undefined;
  /** Whose rows: those of the hot tier with this scope. */
  readonly scope: string;
  /** The entities whose rows are seen to here. */
  readonly schemas: readonly Schema[];
  readonly clock: Clock;
  /**
   * A row of the last so many milliseconds may not have been seen yet by who looks at each interval: longer than the interval,
   * than a row may take to be committed, and than clocks differ.
   */
  readonly recent: number;
}

const PAGE = 500;
// So many rows that nobody here sees to cost no more than one that is read for nothing.
const FEW = 500;
const LAST_TIME = 9_999_999_999_999;

/** What the id of a row of that time begins with: scans are in the order of ids, and what is new comes first. */
const newestFirst = (time: number): string => String(LAST_TIME - Math.trunc(time)).padStart(13, '0');

/**
 * The keys that the hot tier has to drop before it may be trusted again. They lie in the durable store, so that they
 * outlive the process that wrote them, and any other can see to them.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  /** Rows that the durable store would not take either; they live as long as this process. */
  readonly #kept = new Map<string, OutboxRow>();
  #count = 0;
  /** When all rows were read the last time, and how many of them were not for here. */
  #all = { at: Number.NEGATIVE_INFINITY, others: 0 };

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Whether anything will ever be put into it. */
  get needed(): boolean {
    return this.#options.schema !== undefined;
  }

  /** How many rows this process alone knows of. */
  get unstored(): number {
    return this.#kept.size;
  }

  /** New rows, not stored yet; this process alone knows of them, and its drain sees to them. */
  keep(schema: Schema, keys: readonly Key[], token: string): OutboxRow[] {
    const rows = this.rows(schema, keys, token);
    for (const row of rows) this.#kept.set(row.id.id, row);
    return rows;
  }

  /** New rows, to be written with their change. */
  rows(schema: Schema, keys: readonly Key[], token: string): OutboxRow[] {
    const time = newestFirst(this.#options.clock.now());
    return keys.map((key) => ({
      id: keyOf([`${time}.${token}.${(this.#count++).toString(36)}`]),
      schema,
      key,
      token,
    }));
  }

  /**
   * Whether the rows are stored before the changes, and a drain may have seen to them before these are made: in a store without
   * transactions, and of what is too much for one write.
   */
  goAhead(rows: number, changes: number): boolean {
    const { transactions, keysAtOnce = Number.POSITIVE_INFINITY } = this.#options.driver.capabilities;
    return !transactions || (changes + rows > keysAtOnce && changes <= keysAtOnce);
  }

  /** Makes the changes and stores the rows, all or none where these do not go ahead. */
  async write(changes: readonly KeyedChange[], rows: readonly OutboxRow[]): Promise<WriteResult> {
    const { driver } = this.#options;
    if (rows.length === 0) return driver.write(changes);
    if (this.goAhead(rows.length, changes.length)) {
      await this.#write(rows.map((row) => this.#put(row)));
      return driver.write(changes);
    }
    const result = await driver.write([...changes, ...rows.map((row) => this.#put(row))]);
    return result.done ? { done: true, outcomes: result.outcomes.slice(0, changes.length) } : result;
  }

  /** Stores rows that were kept; those that cannot be stored are kept on, and the error is thrown. */
  async store(rows: readonly OutboxRow[]): Promise<void> {
    if (rows.length === 0) return;
    await this.#write(rows.map((row) => this.#put(row)));
    for (const row of rows) this.#kept.delete(row.id.id);
  }

  /** The name of the durable store that it lies in. */
  get home(): string {
    return this.#options.driver.name;
  }

  /**
   * All rows, page by page. Where nothing was lost that is `trusted`, those that are not recent were seen to, or are not for
   * here: of a hot tier or an entity that there may not be any more. Where there are many, they are read only now and then.
   */
  async *pages(trusted: boolean): AsyncIterable<readonly OutboxRow[]> {
    const { driver, schema: outbox, scope, schemas, clock, recent } = this.#options;
    const byName = new Map(schemas.map((schema) => [schema.name, schema]));
    if (this.#kept.size > 0) yield [...this.#kept.values()];
    if (!outbox) return;
    const now = clock.now();
    const some = trusted && this.#all.others > FEW && Math.abs(now - this.#all.at) < recent;
    const end = newestFirst(now - recent);
    let others = 0;
    let page: OutboxRow[] = [];
    for await (const { key: id, entry } of driver.scan(outbox)) {
      if (some && id.id > end) break;
      const [ofScope, entity, keyId, token] = entry.value as Row;
      const schema = byName.get(entity as string);
      if (ofScope !== scope || !schema) {
        others++;
        continue;
      }
      const key = keyOfId(schema.keys, keyId as string) ?? { id: keyId as string, parts: [] };
      page.push({ id, schema, key, token: token as string });
      if (page.length < PAGE) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
    if (!some) this.#all = { at: now, others };
  }

  async remove(rows: readonly OutboxRow[]): Promise<void> {
    const { schema } = this.#options;
    const stored = rows.filter(({ id }) => !this.#kept.delete(id.id));
    if (schema) await this.#write(stored.map(({ id }) => ({ schema, key: id, change: { type: 'delete' } })));
  }

  /** Each row stands for itself: they need not be written together. */
  async #write(changes: readonly KeyedChange[]): Promise<void> {
    const { driver } = this.#options;
    const { transactions, keysAtOnce = changes.length } = driver.capabilities;
    const step = transactions ? keysAtOnce : 1;
    for (let from = 0; from < changes.length; from += step) await driver.write(changes.slice(from, from + step));
  }

  #put({ id, schema, key, token }: OutboxRow): KeyedChange {
    const { schema: outbox, scope, clock } = this.#options;
    if (!outbox) throw new Error('A hot tier that is always there was away.');
    const change: RowChange = { type: 'put', row: [scope, schema.name, key.id, token, clock.now()] };
    return { schema: outbox, key: id, change };
  }
}
