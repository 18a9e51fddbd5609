import type { ClientSession, Collection, Document } from 'mongodb';
import { membersOf, valueOfMembers } from '../../core/collection.js';
import { ValidationError } from '../../core/errors.js';
import type { KeyedChange, Scanned } from '../../core/fallback-driver.js';
import type { CollectionChange, Entry, Outcome, Query } from '../../core/kind.js';
import { Members } from '../../core/members.js';
import type { Key, Schema } from '../../core/schema.js';
import { type Found, type Plan, planOf } from './collection-plan.js';
import { answerTo } from './collection-queries.js';
import { asFault, isTakenKey } from './faults.js';
import { Generations } from './generations.js';
import type { Head } from './heads.js';
import { EXPIRES, entryOf, type Layout, live } from './layout.js';
import { MemberDocuments } from './members.js';
import { type OpenMongo, turnOf, type Within } from './open-mongo.js';
import { hasEnded } from './row-batch.js';
import { changedAllTheTime } from './rows.js';
import { beforeTry, CameBetween, triesUntil } from './transactions.js';

type Replace = Extract<Plan, { type: 'replace' }>;
type Touch = Extract<Plan, { type: 'touch' }>;

// So many members are written, or deleted, within a transaction; more of them before it, and after.
const FEW = 1_000;
// What a head can hold of a change that its members have yet to get, with room for the rest of the document.
const MOST_PENDING = 14 * 1024 * 1024;
const FEW_TRIES = 2;
const LOCAL = { readConcern: { level: 'local' } } as const;

/** Writes that others must not come between go by this. */
export interface Writing {
  readonly session: ClientSession;
  /** Generations that the transaction has left without a head, to be looked after when it is committed. */
  readonly left: Head[];
  /** What was put in place before it, by the change that it is for. */
  readonly prepared: ReadonlyMap<KeyedChange, Head>;
}

/** The collections of one entity: for each a head, and its members by themselves. */
export class Collections {
  readonly layout: Layout;
  readonly heads: Collection;
  readonly members: MemberDocuments;
  readonly generations: Generations;
  readonly #mongo: OpenMongo;

  constructor(mongo: OpenMongo, layout: Layout, heads: Collection, members: Collection) {
    this.#mongo = mongo;
    this.layout = layout;
    this.heads = heads;
    this.members = new MemberDocuments(mongo, layout.schema, members);
    this.generations = new Generations(mongo, this.members, heads);
  }

  get schema(): Schema {
    return this.layout.schema;
  }

  /** The entries of keys, by their ids. */
  async read(keys: readonly Key[], query: Query): Promise<Map<string, Entry>> {
    const filter = live({ $in: keys.map((key) => this.layout.id(key)) }, this.#mongo.clock.now());
    return this.#reading(filter, {}, query, async (heads, within) => {
      const entries = new Map<string, Entry>();
      const values = await this.#values(heads, query, within);
      heads.forEach((head, at) => {
        entries.set(this.layout.key(head._id).id, entryOf(values[at], head as Document));
      });
      return entries;
    });
  }

  /** Those after a key, in the order of their keys. */
  async page(after: Key | undefined, limit: number): Promise<Scanned[]> {
    const filter = {
      ...(after && { _id: { $gt: this.layout.id(after) } }),
      [EXPIRES]: { $not: { $lte: new Date(this.#mongo.clock.now()) } },
    };
    return this.#reading(filter, { sort: { _id: 1 }, limit }, undefined, async (heads, within) => {
      const values = await this.#values(heads, undefined, within);
      return heads.map((head, at) => ({
        key: this.layout.key(head._id),
        entry: entryOf(values[at], head as Document),
      }));
    });
  }

  /** Runs a read in which heads and members are of one time. */
  async #reading<T>(
    filter: Document,
    options: Document,
    query: Query,
    read: (heads: readonly Head[], within: Within) => Promise<T>,
  ): Promise<T> {
    const find = async (more: Document) =>
      (await this.heads.find(filter, { ...options, ...more }).toArray()) as unknown as Head[];
    const { transactions, turns, place } = this.#mongo;
    const end = triesUntil(this.#mongo);
    for (let tries = 0; ; tries++) {
      const heads = transactions ? undefined : await find({});
      const found = heads ? await this.#readAlone(heads, query, find, read) : await this.#readAtOnce(find, read);
      if (found) return found.value;
      // Who writes all the time lets readers through between.
      if (tries >= FEW_TRIES && heads) {
        const names = heads.map(({ _id }) => turnOf(this.schema, this.layout.key(_id)));
        const last = await turns.take(names, async () => this.#readAlone(await find({}), query, find, read));
        if (last) return last.value;
      }
      for (const head of await find({})) await this.#finish(head);
      if (performance.now() > end)
        throw asFault(place, changedAllTheTime(this.#mongo), 'harmless', this.schema.target.name);
    }
  }

  /** In a snapshot. `undefined` where a change that was begun without transactions is to be finished first. */
  async #readAtOnce<T>(
    find: (more: Document) => Promise<Head[]>,
    read: (heads: readonly Head[], within: Within) => Promise<T>,
  ): Promise<{ readonly value: T } | undefined> {
    const session = this.#mongo.client.startSession({ snapshot: true });
    try {
      const heads = await find({ session });
      return heads.some(({ pending }) => pending) ? undefined : { value: await read(heads, { session }) };
    } finally {
      await session.endSession();
    }
  }

  /** Without transactions: `undefined` where heads were changed meanwhile, or are being changed. */
  async #readAlone<T>(
    heads: readonly Head[],
    query: Query,
    find: (more: Document) => Promise<Head[]>,
    read: (heads: readonly Head[], within: Within) => Promise<T>,
  ): Promise<{ readonly value: T } | undefined> {
    const { type } = (query ?? {}) as { readonly type?: string };
    if (type === 'exists' || type === 'size') return { value: await read(heads, {}) };
    if (heads.some(({ pending }) => pending)) return undefined;
    const value = await read(heads, {});
    return heads.length === 0 || sameHeads(heads, await find({})) ? { value } : undefined;
  }

  /** What is asked of collections. */
  async #values(heads: readonly Head[], query: Query, within: Within): Promise<unknown[]> {
    const { structure } = this.schema.kind;
    if (query === undefined) {
      const all = await this.members.all(
        heads.map(({ generation }) => generation),
        within,
      );
      return heads.map(({ generation }) =>
        valueOfMembers(Members.of(structure!, all.get(generation.toHexString()) ?? [])),
      );
    }
    const values: unknown[] = [];
    for (const head of heads) values.push(await answerTo(this.members, head, query as never, within));
    return values;
  }

  /** One change, in a transaction. @throws CameBetween */
  async changeWithin(keyed: KeyedChange, writing: Writing): Promise<Outcome> {
    const { session, prepared } = writing;
    const { key, change } = keyed;
    const head = (await this.heads.findOne({ _id: this.layout.id(key) } as Document, { session })) as Head | null;
    if (head?.pending) {
      await this.#finish(head);
      throw new CameBetween('it was being changed');
    }
    const plan = await planOf(this.schema, this.#found(head, { session }), change as CollectionChange);
    await this.#make(key, head, plan, writing, prepared.get(keyed));
    return plan.outcome;
  }

  /** Before a transaction: so many members that it had better not write them itself. */
  async prepare({ key, change }: KeyedChange): Promise<Head | undefined> {
    if (change.type !== 'put') return undefined;
    const { row, expiresAt } = change as Extract<CollectionChange, { type: 'put' }>;
    const members = membersOf(row);
    if (members.size <= FEW) return undefined;
    const next = this.#next(key, { size: members.size, expiresAt });
    await this.generations.make(next, members.ordered);
    return next;
  }

  async #make(key: Key, head: Head | null, plan: Plan, writing: Writing, prepared: Head | undefined): Promise<void> {
    const { session } = writing;
    switch (plan.type) {
      case 'touch': {
        const next = this.#touched(head!, plan);
        await this.members.change(next, plan.put, plan.remove, { session });
        const { count, revision } = next;
        await this.heads.updateOne({ _id: head!._id } as Document, { $set: { count, revision } }, { session });
        return;
      }
      case 'replace': {
        const next = prepared ?? this.#next(key, plan);
        const { _id, ...replacement } = next;
        await this.heads.replaceOne({ _id } as Document, replacement, { session, upsert: true });
        if (prepared) await this.generations.take(prepared.generation, { session });
        else await this.members.insert(next, iterable(plan.members), { session });
        if (head) await this.#leave(head, writing);
        return;
      }
      case 'delete':
        if (!head) return;
        await this.heads.deleteOne({ _id: head._id } as Document, { session });
        await this.#leave(head, writing);
        return;
    }
  }

  async #leave(head: Head, { session, left }: Writing): Promise<void> {
    if (head.count <= FEW) return this.members.drop(head.generation, { session });
    await this.generations.note(head.generation, head._id, { session });
    left.push(head);
  }

  /** One change, without transactions: the head takes it on at once, the members follow. @throws StoreFault */
  async change({ key, change }: KeyedChange): Promise<Outcome> {
    const end = triesUntil(this.#mongo);
    const entity = this.schema.target.name;
    const { place } = this.#mongo;
    for (let tries = 0; ; tries++) {
      try {
        const head = (await this.heads.findOne({ _id: this.layout.id(key) } as Document, LOCAL)) as Head | null;
        if (head?.pending) await this.#finish(head);
        const plan = await planOf(this.schema, this.#found(head, {}), change as CollectionChange);
        if (await this.#makeAlone(key, head, plan)) {
          this.generations.sweep();
          return plan.outcome;
        }
      } catch (error) {
        if (!(error instanceof CameBetween)) throw asFault(place, error, 'committing', entity);
      }
      if (performance.now() > end) throw asFault(place, changedAllTheTime(this.#mongo), 'harmless', entity);
      await beforeTry(tries);
    }
  }

  /** Whether nobody came between. */
  async #makeAlone(key: Key, head: Head | null, plan: Plan): Promise<boolean> {
    switch (plan.type) {
      case 'nothing':
        return true;
      case 'touch':
        return this.#touchAlone(head!, plan);
      case 'replace':
        return this.#replaceAlone(key, head, plan);
      case 'delete': {
        if (!head) return true;
        await this.generations.note(head.generation, head._id, {});
        const { deletedCount } = await this.heads.deleteOne(unchanged(head));
        this.generations.settle(head.generation, head._id);
        return deletedCount > 0;
      }
    }
  }

  async #touchAlone(head: Head, plan: Touch): Promise<boolean> {
    const { put, remove } = plan;
    const { Double } = this.#mongo.mongodb;
    const stored = put.map(({ text, score }) => ({ text, score: new Double(score) as unknown as number }));
    const next: Head = { ...this.#touched(head, plan), pending: { put: stored, remove } };
    this.#checkPending(next);
    const { count, revision, pending } = next;
    const { matchedCount } = await this.heads.updateOne(unchanged(head), { $set: { count, revision, pending } });
    if (matchedCount === 0) return false;
    await this.#finish({ ...next, pending: { put, remove } });
    return true;
  }

  async #replaceAlone(key: Key, head: Head | null, plan: Replace): Promise<boolean> {
    const next = this.#next(key, plan);
    await this.generations.make(next, iterable(plan.members));
    if (head) await this.generations.note(head.generation, head._id, {});
    const { _id, ...replacement } = next;
    try {
      await this.generations.renew(next.generation);
      if (head) return (await this.heads.replaceOne(unchanged(head), replacement)).matchedCount > 0;
      await this.heads.insertOne(next as Document);
      return true;
    } catch (error) {
      if (isTakenKey(error)) return false;
      throw error;
    } finally {
      this.generations.settle(next.generation, _id);
      if (head) this.generations.settle(head.generation, _id);
    }
  }

  /** Gives the members what the head has already. */
  async #finish(head: Head): Promise<void> {
    const { pending } = head;
    if (!pending) return;
    await this.members.catchUp(head, pending.put, pending.remove);
    await this.heads.updateOne(unchanged(head), { $unset: { pending: 1 } });
  }

  #found(head: Head | null, within: Within): Found | null {
    if (!head || hasEnded(head as Document, this.#mongo.clock.now())) return null;
    const { generation, count } = head;
    const { structure } = this.schema.kind;
    return {
      size: count,
      expiresAt: head[EXPIRES]?.getTime(),
      needed: (needed) => this.members.needed(generation, needed, within),
      all: async () => {
        const all = await this.members.all([generation], within);
        return Members.of(structure!, [...all.values()][0]!);
      },
    };
  }

  #next(key: Key, { size, expiresAt }: Pick<Replace, 'size' | 'expiresAt'>): Head {
    return {
      _id: this.layout.id(key),
      generation: new this.#mongo.mongodb.ObjectId(),
      count: size,
      revision: 1,
      ...(expiresAt !== undefined && { [EXPIRES]: new Date(expiresAt) }),
    };
  }

  #touched(head: Head, { size }: Touch): Head {
    return { ...head, count: size, revision: head.revision + 1 };
  }

  #checkPending(head: Head): void {
    const size = this.#mongo.mongodb.BSON.calculateObjectSize(head as Document);
    if (size > MOST_PENDING)
      throw new ValidationError(
        `A change of ${this.schema.target.name} takes ${size} bytes, but a MongoDB server without transactions takes at most ${MOST_PENDING} at once; nothing was written. Change fewer members at once, or use a replica set.`,
      );
  }
}

const iterable = (members: Replace['members']) => (members instanceof Members ? members.ordered : members);

const unchanged = ({ _id, generation, revision }: Head): Document => ({ _id, generation, revision });

const sameHeads = (some: readonly Head[], others: readonly Head[]): boolean =>
  some.length === others.length &&
  some.every(({ generation, revision }, at) => {
    const other = others[at]!;
    return generation.equals(other.generation) && revision === other.revision && !other.pending;
  });
