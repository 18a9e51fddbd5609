import { ObjectId, Timestamp } from 'bson';
import { Cursors } from './cursors.js';
import { matches } from './filter.js';
import { type Doc, identityOf, isDoc, Unknown, valueAt } from './order.js';
import { Refused } from './refused.js';
import { beyondIds, type Collection, duplicate, type Index, place, Storage, type View } from './storage.js';
import { docOf, updated } from './update.js';

/** One command with what it runs in. */
export interface Call {
  readonly name: string;
  readonly body: Doc;
  readonly view: View;
  /** For how long it may wait for others, in milliseconds. */
  readonly patience: number;
}

/** What a command is asked with beside its own fields. */
const COMMON = [
  ...['$db', 'lsid', 'txnNumber', 'startTransaction', 'autocommit', 'readConcern', 'writeConcern', 'maxTimeMS'],
  ...['$readPreference', '$clusterTime', 'apiVersion', 'comment'],
];

type Run = (data: DataCommands, call: Call) => Promise<Doc> | Doc;

/** The commands on data, each with the fields that it knows. */
const COMMANDS: Readonly<Record<string, readonly [fields: readonly string[], run: Run]>> = {
  find: [
    ['filter', 'sort', 'projection', 'limit', 'batchSize', 'singleBatch', 'skip'],
    (data, call) => data.find(call),
  ],
  getMore: [['collection', 'batchSize'], (data, call) => data.cursors.more(call)],
  killCursors: [['cursors'], (data, call) => data.cursors.kill(call)],
  insert: [['documents', 'ordered'], (data, call) => data.insert(call)],
  update: [['updates', 'ordered'], (data, call) => data.update(call)],
  delete: [['deletes', 'ordered'], (data, call) => data.delete(call)],
  findAndModify: [
    ['query', 'update', 'new', 'remove', 'upsert', 'fields', 'sort'],
    (data, call) => data.findAndModify(call),
  ],
  aggregate: [['pipeline', 'cursor'], (data, call) => data.aggregate(call)],
  createIndexes: [['indexes'], (data, call) => data.createIndexes(call)],
  listIndexes: [['cursor'], (data, call) => data.listIndexes(call)],
  dropIndexes: [['index'], (data, call) => data.dropIndexes(call)],
  collMod: [['index'], (data, call) => data.collMod(call)],
  create: [['collation', 'capped', 'size', 'viewOn', 'pipeline'], (data, call) => data.create(call)],
  listCollections: [
    ['filter', 'nameOnly', 'cursor', 'authorizedCollections'],
    (data, call) => data.listCollections(call),
  ],
  drop: [[], (data, { body }) => ({ ok: Number(data.storage.collections.delete(`${body.$db}.${body.drop}`)) })],
  dropDatabase: [[], (data, call) => data.dropDatabase(call)],
};

/** The commands on documents, collections and indexes. */
export class DataCommands {
  readonly storage = new Storage();
  readonly cursors = new Cursors(this.storage);

  /** @throws Refused; Unknown for what the server does not have */
  async run(call: Call): Promise<Doc> {
    const [fields, run] = COMMANDS[call.name] ?? [];
    if (!run) throw new Unknown(`the server has no command ${call.name}`);
    for (const name of Object.keys(call.body))
      if (name !== call.name && !fields!.includes(name) && !COMMON.includes(name))
        throw new Unknown(`the server has no ${name} of the command ${call.name}`);
    return run(this, call);
  }

  #collection({ name, body }: Call): Collection {
    return this.storage.collection(`${body.$db}.${body[name]}`);
  }

  find(call: Call): Doc {
    const { body, view } = call;
    const collection = this.#collection(call);
    const { filter = {}, sort = {}, skip = 0, limit = 0 } = body as Record<string, never>;
    const ids = this.storage
      .find(collection, filter, view, numbersOf(sort))
      .slice(Number(skip), Number(limit) > 0 ? Number(skip) + Number(limit) : undefined);
    return this.cursors.start(call, {
      collection,
      ids,
      filter: beyondIds(filter),
      projection: body.projection as Doc | undefined,
    });
  }

  aggregate(call: Call): Doc {
    const { body, view } = call;
    const collection = this.#collection(call);
    const [match, group, ...more] = body.pipeline as Doc[];
    const count = group?.$group as Doc | undefined;
    const ones = JSON.stringify(count) === JSON.stringify({ _id: 1, n: { $sum: 1 } });
    if (!match?.$match || !ones || more.length > 0)
      throw new Unknown('the server knows no aggregate but the count of what matches');
    const n = this.storage.find(collection, match.$match as Doc, view).length;
    const documents = n === 0 ? [] : [{ _id: 1, n }];
    return { cursor: { id: 0n, ns: collection.name, firstBatch: documents, ...snapshotOf(view) } };
  }

  async insert(call: Call): Promise<Doc> {
    const collection = this.#collection(call);
    return this.#each(call, call.body.documents as Doc[], async (given) => {
      const doc = Object.hasOwn(given, '_id')
        ? given
        : docOf(new Map([['_id', new ObjectId()], ...Object.entries(given)]));
      await this.#insertOne(collection, call, doc);
      return { n: 1 };
    });
  }

  async #insertOne(collection: Collection, call: Call, doc: Doc): Promise<void> {
    const id = identityOf(doc._id);
    await this.#free(collection, id, call);
    if (this.storage.get(collection, id, call.view)) throw duplicate(collection, '_id_', { _id: 1 }, { _id: doc._id });
    this.storage.put(collection, id, doc, call.view);
  }

  async update(call: Call): Promise<Doc> {
    const collection = this.#collection(call);
    const upserted: Doc[] = [];
    let modified = 0;
    const answer = await this.#each(
      call,
      call.body.updates as Doc[],
      async ({ q, u, upsert, multi, ...more }, index) => {
        if (multi === true || Object.keys(more).length > 0)
          throw new Unknown(`the server has no such update: ${Object.keys(more)} ${multi}`);
        const { found, made, doc } = await this.#updateOne(collection, call, q as Doc, u, upsert === true);
        if (!found && made) upserted.push({ index, _id: doc!._id });
        if (found) modified++;
        return { n: found || made ? 1 : 0 };
      },
    );
    return { ...answer, nModified: modified, ...(upserted.length > 0 && { upserted }) };
  }

  async #updateOne(collection: Collection, call: Call, filter: Doc, update: unknown, upsert: boolean) {
    for (;;) {
      const [id] = this.storage.find(collection, filter, call.view);
      if (id !== undefined) {
        if (await this.#free(collection, id, call)) continue;
        const before = this.storage.get(collection, id, call.view)!;
        const doc = updated(before, filter, update);
        this.storage.put(collection, id, doc, call.view);
        return { found: true, made: false, before, doc };
      }
      if (!upsert) return { found: false, made: false, before: null, doc: null };
      const made = updated(null, filter, update);
      const doc = Object.hasOwn(made, '_id')
        ? made
        : docOf(new Map([['_id', new ObjectId()], ...Object.entries(made)]));
      if (await this.#free(collection, identityOf(doc._id), call)) continue;
      await this.#insertOne(collection, call, doc);
      return { found: false, made: true, before: null, doc };
    }
  }

  async delete(call: Call): Promise<Doc> {
    const collection = this.#collection(call);
    return this.#each(call, call.body.deletes as Doc[], async ({ q, limit, ...more }) => {
      if (Object.keys(more).length > 0) throw new Unknown(`the server has no such delete: ${Object.keys(more)}`);
      const found = this.storage.find(collection, q as Doc, call.view);
      let n = 0;
      for (const id of Number(limit) === 1 ? found.slice(0, 1) : found) {
        await this.#free(collection, id, call);
        const doc = this.storage.get(collection, id, call.view);
        if (!doc || !matches(doc, q as Doc)) continue;
        this.storage.put(collection, id, null, call.view);
        n++;
      }
      return { n };
    });
  }

  async findAndModify(call: Call): Promise<Doc> {
    const { query, update, remove, upsert, sort, fields, ...rest } = call.body;
    if (sort !== undefined || fields !== undefined)
      throw new Unknown('the server has no sort or fields of findAndModify');
    const collection = this.#collection(call);
    if (remove === true) {
      for (;;) {
        const [id] = this.storage.find(collection, query as Doc, call.view);
        if (id === undefined) return { lastErrorObject: { n: 0 }, value: null };
        if (await this.#free(collection, id, call)) continue;
        const value = this.storage.get(collection, id, call.view);
        this.storage.put(collection, id, null, call.view);
        return { lastErrorObject: { n: 1 }, value };
      }
    }
    const { found, made, before, doc } = await this.#updateOne(collection, call, query as Doc, update, upsert === true);
    return {
      lastErrorObject: { n: found || made ? 1 : 0, updatedExisting: found },
      value: rest.new === true ? doc : before,
    };
  }

  /** Waits until nobody else holds a document; whether it had to. Within a transaction that is a conflict. @throws Refused */
  async #free(collection: Collection, id: string, { view, patience }: Call): Promise<boolean> {
    const end = Date.now() + patience;
    let waited = false;
    for (;;) {
      const holder = this.storage.holder(collection, id, view.transaction);
      if (!holder || view.transaction) return waited;
      waited = true;
      const late = new Promise<'late'>((resolve) => setTimeout(resolve, Math.max(0, end - Date.now()), 'late').unref());
      if ((await Promise.race([holder.ended, late])) === 'late')
        throw new Refused(50, 'MaxTimeMSExpired', 'operation exceeded time limit');
    }
  }

  /** Runs statements in their order; in a transaction an error ends it all. */
  async #each(
    call: Call,
    statements: readonly Doc[],
    run: (statement: Doc, index: number) => Promise<{ n: number }>,
  ): Promise<Doc> {
    let n = 0;
    const writeErrors: Doc[] = [];
    for (const [index, statement] of statements.entries())
      try {
        n += (await run(statement, index)).n;
      } catch (error) {
        if (!(error instanceof Refused) || error.more.labels) throw error;
        if (call.view.transaction && error.code !== 11000) throw error;
        writeErrors.push({ index, code: error.code, errmsg: error.message, ...error.more.details });
        if (call.body.ordered !== false) break;
      }
    if (writeErrors.length > 0 && call.view.transaction) this.storage.abort(call.view.transaction);
    return { n, ...(writeErrors.length > 0 && { writeErrors }) };
  }

  createIndexes(call: Call): Doc {
    const collection = this.#collection(call);
    for (const given of call.body.indexes as Doc[]) {
      const { key, name, unique, expireAfterSeconds, sparse, ...more } = given;
      if (Object.keys(more).length > 0) throw new Unknown(`the server has no such index: ${Object.keys(more)}`);
      const wanted = {
        name: String(name),
        key: numbersOf(key as Doc),
        unique: unique === true,
        expireAfterSeconds: expireAfterSeconds === undefined ? undefined : Number(expireAfterSeconds),
      };
      const there = [...collection.indexes.values()].find(
        (one) => JSON.stringify(one.key) === JSON.stringify(wanted.key),
      );
      if (there) {
        if (there.expireAfterSeconds !== wanted.expireAfterSeconds || there.unique !== wanted.unique)
          throw new Refused(
            85,
            'IndexOptionsConflict',
            `An equivalent index already exists with the same name but different options. Requested index: ${name}`,
          );
        continue;
      }
      const index: Index = { ...wanted, places: new Map() };
      for (const [id, versions] of collection.documents) for (const { doc } of versions) if (doc) place(index, id, doc);
      collection.indexes.set(index.name, index);
    }
    return {};
  }

  listIndexes(call: Call): Doc {
    const name = `${call.body.$db}.${call.body.listIndexes}`;
    const found = this.storage.collections.get(name);
    if (!found) throw new Refused(26, 'NamespaceNotFound', `ns does not exist: ${name}`);
    const firstBatch = [
      { v: 2, key: { _id: 1 }, name: '_id_' },
      ...[...found.indexes.values()].map(({ name: index, key, unique, expireAfterSeconds }) => ({
        v: 2,
        key,
        name: index,
        ...(unique && { unique }),
        ...(expireAfterSeconds !== undefined && { expireAfterSeconds }),
      })),
    ];
    return { cursor: { id: 0n, ns: name, firstBatch } };
  }

  dropIndexes(call: Call): Doc {
    this.#collection(call).indexes.delete(String(call.body.index));
    return {};
  }

  collMod(call: Call): Doc {
    const collection = this.#collection(call);
    const { name, keyPattern, expireAfterSeconds, ...more } = call.body.index as Doc;
    if (Object.keys(more).length > 0) throw new Unknown(`the server has no such collMod: ${Object.keys(more)}`);
    const index = [...collection.indexes.values()].find(
      (one) => one.name === name || JSON.stringify(one.key) === JSON.stringify(numbersOf((keyPattern ?? {}) as Doc)),
    );
    if (!index) throw new Refused(27, 'IndexNotFound', 'cannot find index for collMod');
    collection.indexes.set(index.name, { ...index, expireAfterSeconds: Number(expireAfterSeconds) });
    return {};
  }

  create(call: Call): Doc {
    const name = `${call.body.$db}.${call.body.create}`;
    if (this.storage.collections.has(name))
      throw new Refused(48, 'NamespaceExists', `Collection ${name} already exists.`);
    const options = Object.fromEntries(
      Object.entries(call.body).filter(([field]) =>
        ['collation', 'capped', 'size', 'viewOn', 'pipeline'].includes(field),
      ),
    );
    this.storage.collections.set(name, { ...this.storage.collection(name), options, made: true });
    return {};
  }

  listCollections({ body }: Call): Doc {
    const wanted = (body.filter as Doc | undefined)?.name;
    const isWanted = (name: string): boolean => {
      if (wanted === undefined || !isDoc(wanted)) return wanted === undefined || name === wanted;
      const [[how, by]] = Object.entries(wanted) as [[string, unknown]];
      if (how === '$in') return (by as string[]).includes(name);
      if (how === '$regex') return new RegExp(by as string, 'u').test(name);
      throw new Unknown(`the server lists no collections by ${how}`);
    };
    const prefix = `${body.$db}.`;
    const firstBatch = [...this.storage.collections.values()].flatMap(({ name, options, made, documents, indexes }) => {
      const short = name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
      if (short === undefined || !isWanted(short)) return [];
      // It was only asked for.
      if (!made && documents.size === 0 && indexes.size === 0) return [];
      return [{ name: short, type: options.viewOn ? 'view' : 'collection', options, info: { readOnly: false } }];
    });
    return { cursor: { id: 0n, ns: `${prefix}$cmd.listCollections`, firstBatch } };
  }

  dropDatabase({ body }: Call): Doc {
    for (const name of this.storage.collections.keys())
      if (name.startsWith(`${body.$db}.`)) this.storage.collections.delete(name);
    return {};
  }

  /** Deletes what a TTL index says has expired at a time. */
  sweep(now: number): void {
    for (const collection of this.storage.collections.values())
      for (const { key, expireAfterSeconds } of collection.indexes.values()) {
        if (expireAfterSeconds === undefined) continue;
        const [path] = Object.keys(key);
        for (const id of this.storage.find(collection, {}, { time: undefined, transaction: undefined })) {
          const at = valueAt(this.storage.get(collection, id, { time: undefined, transaction: undefined })!, path!);
          if (at instanceof Date && at.getTime() + expireAfterSeconds * 1000 <= now)
            this.storage.put(collection, id, null, { time: undefined, transaction: undefined });
        }
      }
  }
}

const numbersOf = (doc: Doc): Record<string, number> =>
  Object.fromEntries(Object.entries(doc).map(([name, value]) => [name, Number(value)]));

/** Of a read outside transactions that asked for a snapshot: which it was. */
export const snapshotOf = ({ time, transaction }: View): Doc =>
  time === undefined || transaction ? {} : { atClusterTime: new Timestamp({ t: 1, i: time }) };
