import type { ClientSession } from 'mongodb';
import { MetadataError } from '../../core/errors.js';
import type { DriverOptions, KeyedChange, Scanned, WriteResult } from '../../core/fallback-driver.js';
import type { Done, Entry, Outcome, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { withinTime } from './bounded.js';
import { Collections } from './collections.js';
import { type ConnectOptions, connect } from './connect.js';
import { asFault } from './faults.js';
import type { Head } from './heads.js';
import { EXPIRES, Layout } from './layout.js';
import { collectionOf, type OpenMongo, turnOf } from './open-mongo.js';
import { prepare, TTL, type Wanted } from './prepare.js';
import { type NotDone, RowBatch } from './row-batch.js';
import { Rows } from './rows.js';
import { transaction } from './transactions.js';

const PAGE = 500;
// One collection may be large.
const PAGE_OF_COLLECTIONS = 10;
// So many keys are asked for at once.
const MAX_KEYS = 1_000;

/** A database that is open, with the entities that lie in it. */
export class MongoDatabase {
  readonly #mongo: OpenMongo;
  readonly #owned: boolean;
  readonly #tables = new Map<string, Rows | Collections>();

  private constructor(mongo: OpenMongo, owned: boolean) {
    this.#mongo = mongo;
    this.#owned = owned;
  }

  /** @throws ValidationError, StoreFault */
  static async open(options: ConnectOptions): Promise<MongoDatabase> {
    return new MongoDatabase(await connect(options), options.plan.db === undefined);
  }

  get transactions(): boolean {
    return this.#mongo.transactions;
  }

  /** Entities of one more holdfast. @throws MetadataError, StoreFault */
  async add(schemas: readonly Schema[], { synchronize }: DriverOptions): Promise<void> {
    checkNames(schemas);
    const wanted: Wanted[] = [];
    for (const schema of schemas) {
      const layout = new Layout(schema, this.#mongo.mongodb);
      const collection = collectionOf(this.#mongo, schema.name);
      wanted.push({ schema, collection, indexes: [TTL] });
      const { structure } = schema.kind;
      if (structure === undefined) {
        this.#tables.set(schema.name, new Rows(this.#mongo, layout, collection));
        continue;
      }
      const members = collectionOf(this.#mongo, `${schema.name}_${schema.fields[0]!.column}`);
      const order = structure === 'list' ? {} : { '_id.member': 1 as const };
      const index = { name: 'members', key: { '_id.of': 1 as const, score: 1 as const, ...order } };
      wanted.push({ schema, collection: members, indexes: [index, TTL] });
      this.#tables.set(schema.name, new Collections(this.#mongo, layout, collection, members));
    }
    await prepare(this.#mongo, wanted, synchronize ?? true);
  }

  #table(schema: Schema): Rows | Collections {
    return this.#tables.get(schema.name)!;
  }

  async read(schema: Schema, keys: readonly Key[], query: Query): Promise<(Entry | null)[]> {
    const table = this.#table(schema);
    const found: (Entry | null)[] = [];
    for (let from = 0; from < keys.length; from += MAX_KEYS) {
      const some = keys.slice(from, from + MAX_KEYS);
      const entries = await this.#reached(schema, () => table.read(some, query));
      for (const { id } of some) found.push(entries.get(id) ?? null);
    }
    return found;
  }

  /** Some entries, in the order of the keys, and whether there may be more. */
  async page(schema: Schema, after: Key | undefined): Promise<{ found: Scanned[]; more: boolean }> {
    const table = this.#table(schema);
    const limit = table instanceof Rows ? PAGE : PAGE_OF_COLLECTIONS;
    const found = await this.#reached(schema, () => table.page(after, limit));
    return { found, more: found.length === limit };
  }

  async count(schema: Schema): Promise<number> {
    const table = this.#table(schema);
    const collection = table instanceof Rows ? table.collection : table.heads;
    const now = new Date(this.#mongo.clock.now());
    return this.#reached(schema, () => collection.countDocuments({ [EXPIRES]: { $not: { $lte: now } } }));
  }

  /** All or none. */
  async write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    if (changes.length === 0) return { done: true, outcomes: [] };
    const [first] = changes as readonly [KeyedChange];
    const alone = changes.length === 1;
    const table = this.#table(first.schema);
    if (alone && table instanceof Rows && !thinks(first)) return resultOf(await table.change(first));
    // Those of one process that would meet wait for each other rather than begin again.
    const turns = new Set(changes.map(({ schema, key }) => turnOf(schema, key)));
    return this.#mongo.turns.take([...turns], async () => {
      if (alone && table instanceof Rows) return resultOf(await table.change(first));
      if (alone && !this.transactions) return resultOf(await (table as Collections).change(first));
      return this.#together(changes);
    });
  }

  async #together(changes: readonly KeyedChange[]): Promise<WriteResult> {
    const collections = [...new Set(changes.map(({ schema }) => this.#table(schema)))].filter(
      (table) => table instanceof Collections,
    );
    const prepared = new Map<KeyedChange, Head>();
    const left: [Collections, Head][] = [];
    const entity = changes[0]!.schema.target.name;
    try {
      for (const keyed of changes) {
        const table = this.#table(keyed.schema);
        const head = table instanceof Collections && (await this.#reached(keyed.schema, () => table.prepare(keyed)));
        if (head) prepared.set(keyed, head);
      }
      return await transaction<WriteResult>(this.#mongo, entity, (session) => {
        left.length = 0;
        return this.#changeAll(changes, session, prepared, left);
      });
    } finally {
      for (const [table, { generation, _id }] of left) table.generations.settle(generation, _id);
      for (const [{ schema }, { generation, _id }] of prepared)
        (this.#table(schema) as Collections).generations.settle(generation, _id);
      for (const table of collections) table.generations.sweep();
    }
  }

  async #changeAll(
    changes: readonly KeyedChange[],
    session: ClientSession,
    prepared: ReadonlyMap<KeyedChange, Head>,
    left: [Collections, Head][],
  ): Promise<WriteResult> {
    const outcomes = new Array<Done>(changes.length);
    const rows = new RowBatch(session, this.#mongo.clock.now());
    const ofRows = changes.flatMap((change) => {
      const table = this.#table(change.schema);
      return table instanceof Rows ? [[table, change] as const] : [];
    });
    await rows.read(ofRows);
    let refused: NotDone | undefined;
    for (const [index, change] of changes.entries()) {
      const table = this.#table(change.schema);
      if (refused || !(table instanceof Rows)) continue;
      const outcome = rows.apply(table, change);
      if (outcome.status === 'done') outcomes[index] = outcome;
      else refused = { done: false, index, outcome };
    }
    for (const [index, change] of changes.entries()) {
      const table = this.#table(change.schema);
      if (table instanceof Rows || (refused && index > refused.index)) continue;
      const own: Head[] = [];
      const outcome = await table.changeWithin(change, { session, prepared, left: own });
      left.push(...own.map((head) => [table, head] as [Collections, Head]));
      if (outcome.status === 'done') outcomes[index] = outcome;
      else return { done: false, index, outcome };
    }
    if (refused) return refused;
    await rows.write();
    return { done: true, outcomes };
  }

  async close(): Promise<void> {
    for (const table of this.#tables.values()) if (table instanceof Collections) await table.generations.settled();
    if (!this.#owned) return;
    const { client, mongodb, statementTimeout } = this.#mongo;
    // It says good-bye to the server, which may not hear it.
    const closing = client.close();
    await (statementTimeout > 0 ? withinTime(closing, mongodb, statementTimeout).catch(() => {}) : closing);
  }

  async #reached<T>(schema: Schema, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw asFault(this.#mongo.place, error, 'harmless', schema.target.name);
    }
  }
}

/** Whether a change takes a look at what is there. */
const thinks = ({ change }: KeyedChange): boolean => change.type === 'modify';

const resultOf = (outcome: Outcome): WriteResult =>
  outcome.status === 'done' ? { done: true, outcomes: [outcome] } : { done: false, index: 0, outcome };

function checkNames(schemas: readonly Schema[]): void {
  const faults = schemas.flatMap(({ target, kind, fields }) =>
    kind.structure === undefined && fields.some(({ column }) => column === '_id')
      ? [
          {
            subject: target.name,
            fact: 'has a field that is stored as _id, where MongoDB has the key.',
            remedy: 'Give it another name in the store, as in @Field({ name }).',
          },
        ]
      : [],
  );
  if (faults.length > 0) throw new MetadataError(faults);
}
