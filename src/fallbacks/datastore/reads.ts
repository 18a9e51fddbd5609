import type { Clock } from '../../core/clock.js';
import type { CollectionQuery } from '../../core/collection.js';
import type { Scanned } from '../../core/fallback-driver.js';
import type { Entry, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { CollectionReads } from './collection-reads.js';
import { isOver, type Layout } from './layout.js';
import type { DatastoreLink } from './link.js';
import type { MemberLayout } from './member-layout.js';
import type { Place } from './place.js';
import { timestampOf } from './values.js';
import { type Found, pathText, type WireEntity } from './wire.js';

export interface ReadsOptions {
  readonly link: DatastoreLink;
  readonly clock: Clock;
  place(schema: Schema): Place;
}

// Lookups of no more keys see one moment by themselves.
const MOST_KEYS = 1000;
// So many collections are read at the same time.
const AT_ONCE = 16;

/** Reads entries, all of a call as of one moment. */
export class Reads {
  readonly #options: ReadsOptions;

  constructor(options: ReadsOptions) {
    this.#options = options;
  }

  place(schema: Schema): Place {
    return this.#options.place(schema);
  }

  async read(schema: Schema, keys: readonly Key[], query: Query): Promise<readonly (Entry | null)[]> {
    const { link, clock } = this.#options;
    const { layout, members } = this.place(schema);
    const ids = keys.map((key) => {
      // What is too long for the store is not in it.
      const path = layout.path(key);
      return path && { path, id: pathText(path) };
    });
    const unique = new Map(ids.flatMap((one) => (one ? [[one.id, layout.wireKey(one.path)] as const] : [])));
    const wanted = [...unique.values()];
    const more = members && (query as CollectionQuery | undefined)?.type !== 'exists';
    if (!more && wanted.length <= MOST_KEYS) {
      const found = wanted.length === 0 ? new Map<string, Found>() : await link.lookup(wanted);
      const now = clock.now();
      if (members) return keys.map((key, at) => existsIn(members, key, found.get(ids[at]?.id ?? ''), now));
      return keys.map((key, at) => rowOf(layout, key, found.get(ids[at]?.id ?? ''), query, now));
    }
    const { transaction, found } = await link.beginWith(wanted, { readOnly: true });
    try {
      const now = clock.now();
      if (!members) return keys.map((key, at) => rowOf(layout, key, found.get(ids[at]?.id ?? ''), query, now));
      const read = async (at: number) => {
        const key = keys[at]!;
        const head = members.headOf(key.id, found.get(ids[at]?.id ?? ''));
        if (!members.isLive(head, now)) return null;
        const reads = new CollectionReads(link, members, transaction, key.id, head);
        return reads.entry(query as CollectionQuery | undefined);
      };
      return await someAtOnce(keys.length, read);
    } finally {
      link.rollback(transaction);
    }
  }

  async *scan(schema: Schema, check: () => void): AsyncGenerator<Scanned> {
    const { link, clock } = this.#options;
    const { layout, members } = this.place(schema);
    for await (const kind of this.#kinds(layout))
      for await (const entities of link.query({ kind, keysOnly: members !== undefined })) {
        check();
        if (!members) {
          const now = clock.now();
          for (const { key: wire, properties } of entities) {
            const key = layout.key(wire.path);
            const entry = layout.entry(key, properties);
            if (!isOver(entry.expiresAt, now)) yield { key, entry };
          }
          continue;
        }
        yield* this.#collections(schema, layout, entities);
        check();
      }
  }

  async *#collections(schema: Schema, layout: Layout, entities: readonly WireEntity[]): AsyncGenerator<Scanned> {
    const keys = entities.map(({ key }) => layout.key(key.path));
    for (let from = 0; from < keys.length; from += AT_ONCE) {
      const some = keys.slice(from, from + AT_ONCE);
      const entries = await this.read(schema, some, undefined);
      for (const [at, entry] of entries.entries()) if (entry) yield { key: some[at]!, entry };
    }
  }

  async count(schema: Schema): Promise<number> {
    const { link, clock } = this.#options;
    const { layout } = this.place(schema);
    const ended = {
      property: { name: layout.expiresAt },
      op: 'LESS_THAN_OR_EQUAL',
      value: timestampOf(clock.now()),
    } as const;
    let sum = 0;
    for await (const kind of this.#kinds(layout)) {
      const [all, over] = await Promise.all([link.count({ kind }), link.count({ kind, filters: [ended] })]);
      sum += all - over;
    }
    return sum;
  }

  /** The kinds that entries of an entity lie in, in the order of their keys. */
  async *#kinds(layout: Layout): AsyncGenerator<string> {
    if (layout.placement !== 'kinds') {
      yield layout.kind;
      return;
    }
    const { link } = this.#options;
    const bound = (op: 'GREATER_THAN_OR_EQUAL' | 'LESS_THAN', name: string) => ({
      property: { name: '__key__' },
      op,
      value: { keyValue: layout.wireKey([{ kind: '__kind__', name }]) },
    });
    const { kind } = layout;
    const end = kind.slice(0, -1) + String.fromCharCode(kind.charCodeAt(kind.length - 1) + 1);
    const filters = [bound('GREATER_THAN_OR_EQUAL', kind), bound('LESS_THAN', end)];
    for await (const some of link.query({ kind: '__kind__', filters, keysOnly: true }))
      for (const { key } of some) yield key.path[0]!.name!;
  }
}

function rowOf(layout: Layout, key: Key, found: Found | undefined, query: Query, now: number): Entry | null {
  if (!found) return null;
  const entry = layout.entry(key, found.entity.properties);
  if (isOver(entry.expiresAt, now)) return null;
  const { schema } = layout;
  return query === undefined ? entry : { ...entry, value: schema.kind.select(schema, entry.value, query) };
}

function existsIn(members: MemberLayout, key: Key, found: Found | undefined, now: number): Entry | null {
  const head = members.headOf(key.id, found);
  if (!members.isLive(head, now)) return null;
  const value = { members: [], numbers: [] };
  return head.expiresAt === undefined ? { value } : { value, expiresAt: head.expiresAt };
}

/** Runs `call` for each number, a few at the same time. */
async function someAtOnce<T>(count: number, call: (at: number) => Promise<T>): Promise<T[]> {
  const results = new Array<T>(count);
  let next = 0;
  const run = async () => {
    while (next < count) {
      const at = next++;
      results[at] = await call(at);
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, count) }, run));
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
  return results;
}
