import type { Document } from 'mongodb';
import { valueOfMembers } from '../../core/collection.js';
import type { Scanned } from '../../core/fallback-driver.js';
import type { Entry, Query } from '../../core/kind.js';
import { Members } from '../../core/members.js';
import type { Key } from '../../core/schema.js';
import { answerTo } from './collection-queries.js';
import type { Collections } from './collections.js';
import { asFault } from './faults.js';
import type { Head } from './heads.js';
import { EXPIRES, entryOf, live } from './layout.js';
import { inSnapshot, turnOf, type Within } from './open-mongo.js';
import { changedAllTheTime } from './rows.js';
import { triesUntil } from './transactions.js';

const FEW_TRIES = 2;

/** Reads of collections, in which heads and members are of one time. */
export class CollectionReads {
  readonly #collections: Collections;

  constructor(collections: Collections) {
    this.#collections = collections;
  }

  /** The entries of keys, by their ids. */
  async read(keys: readonly Key[], query: Query): Promise<Map<string, Entry>> {
    return this.#reading(this.#filter(keys), {}, query, (heads, within) => this.#entries(heads, query, within));
  }

  /** The same in a snapshot; `undefined` where a change that was begun without transactions is to be finished first. */
  async readWithin(keys: readonly Key[], query: Query, within: Within): Promise<Map<string, Entry> | undefined> {
    const heads = await this.#collections.heads.find(this.#filter(keys), within).toArray();
    return heads.some(({ pending }) => pending) ? undefined : this.#entries(heads as never, query, within);
  }

  #filter(keys: readonly Key[]): Document {
    const { layout, mongo } = this.#collections;
    return live({ $in: keys.map((key) => layout.id(key)) }, mongo.clock.now());
  }

  async #entries(heads: readonly Head[], query: Query, within: Within): Promise<Map<string, Entry>> {
    const values = await this.#values(heads, query, within);
    const { layout } = this.#collections;
    return new Map(heads.map((head, at) => [layout.key(head._id).id, entryOf(values[at], head as Document)]));
  }

  /** Those after a key, in the order of their keys. */
  async page(after: Key | undefined, limit: number): Promise<Scanned[]> {
    const filter = {
      ...(after && { _id: { $gt: this.#collections.layout.id(after) } }),
      [EXPIRES]: { $not: { $lte: new Date(this.#collections.mongo.clock.now()) } },
    };
    return this.#reading(filter, { sort: { _id: 1 }, limit }, undefined, async (heads, within) => {
      const values = await this.#values(heads, undefined, within);
      return heads.map((head, at) => ({
        key: this.#collections.layout.key(head._id),
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
    const find = async (within: Within) =>
      (await this.#collections.heads.find(filter, { ...options, ...within }).toArray()) as unknown as Head[];
    const { transactions, turns, place } = this.#collections.mongo;
    const end = triesUntil(this.#collections.mongo);
    for (let tries = 0; ; tries++) {
      const heads = transactions ? undefined : await find({});
      const found = heads ? await this.#readAlone(heads, query, find, read) : await this.#readAtOnce(find, read);
      if (found) return found.value;
      // Who writes all the time lets readers through between.
      if (tries >= FEW_TRIES && heads) {
        const names = heads.map(({ _id }) => turnOf(this.#collections.schema, this.#collections.layout.key(_id)));
        const last = await turns.take(names, async () => this.#readAlone(await find({}), query, find, read));
        if (last) return last.value;
      }
      for (const head of await find({})) await this.#collections.finish(head);
      if (performance.now() > end)
        throw asFault(
          place,
          changedAllTheTime(this.#collections.mongo),
          'harmless',
          this.#collections.schema.target.name,
        );
    }
  }

  /** In a snapshot. `undefined` where a change that was begun without transactions is to be finished first. */
  async #readAtOnce<T>(
    find: (within: Within) => Promise<Head[]>,
    read: (heads: readonly Head[], within: Within) => Promise<T>,
  ): Promise<{ readonly value: T } | undefined> {
    return inSnapshot(this.#collections.mongo, async (within) => {
      const heads = await find(within);
      return heads.some(({ pending }) => pending) ? undefined : { value: await read(heads, within) };
    });
  }

  /** Without transactions: `undefined` where heads were changed meanwhile, or are being changed. */
  async #readAlone<T>(
    heads: readonly Head[],
    query: Query,
    find: (within: Within) => Promise<Head[]>,
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
    const { structure } = this.#collections.schema.kind;
    if (query === undefined) {
      const all = await this.#collections.members.all(
        heads.map(({ generation }) => generation),
        within,
      );
      return heads.map(({ generation }) =>
        valueOfMembers(Members.of(structure!, all.get(generation.toHexString()) ?? [])),
      );
    }
    const values: unknown[] = [];
    for (const head of heads) values.push(await answerTo(this.#collections.members, head, query as never, within));
    return values;
  }
}

const sameHeads = (some: readonly Head[], others: readonly Head[]): boolean =>
  some.length === others.length &&
  some.every(({ generation, revision }, at) => {
    const other = others[at]!;
    return generation.equals(other.generation) && revision === other.revision && !other.pending;
  });
