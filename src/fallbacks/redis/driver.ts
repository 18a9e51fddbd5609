import { ClosedError, CorruptEntryError, ValidationError } from '../../core/errors.js';
import {
  type DriverCapabilities,
  type FallbackDriver,
  type KeyedChange,
  type Scanned,
  StoreFault,
  type WriteResult,
} from '../../core/fallback-driver.js';
import { compareKeys } from '../../core/key-order.js';
import { keyOfId } from '../../core/key-text.js';
import type { Done, Entry, Query, RowChange } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { chunks } from '../../hot/redis/chunks.js';
import { scanIds } from '../../hot/redis/ids.js';
import { redisKey } from '../../hot/redis/key.js';
import type { RedisLink } from '../../hot/redis/link.js';
import { Draft, isKept, putArgs, type Step, think } from './draft.js';
import { entryOf, otherType, type Raw, rawOf } from './raw.js';
import { readScripts, writeScript } from './scripts.js';
import { Turns } from './turns.js';

/** What a Redis driver is made of. */
export interface RedisDriverOptions {
  /** Open, and closed by whoever opened it: hot stores may share it. */
  readonly connection: RedisLink;
  /** What every key starts with; `''` for nothing. */
  readonly namespace: string;
  /** What errors call it. Default `'redis'`. */
  readonly name?: string;
}

// So many entries of a scan are in memory at once.
const SCANNED = 500;

// Writers of one process take turns; so many changes by other processes in a row are a fault of its own.
const MOST_TRIES = 100;

/**
 * Redis as the truth, for entities without a fallback: each entry is one hash, or one string. On a cluster a write is of one key. Redis's own
 * clock says when an entry has ended.
 */
export function redisDriver(options: RedisDriverOptions): FallbackDriver {
  return new RedisDriver(options);
}

class RedisDriver implements FallbackDriver {
  readonly name: string;
  readonly capabilities: DriverCapabilities;
  readonly #link: RedisLink;
  readonly #namespace: string;
  readonly #turns = new Turns();
  readonly #writing = new Set<Promise<unknown>>();
  #open = false;

  constructor({ connection, namespace, name = 'redis' }: RedisDriverOptions) {
    this.name = name;
    this.#link = connection;
    this.#namespace = namespace;
    this.capabilities = { transactions: !connection.cluster, ttl: true, shared: true, nul: true };
  }

  async open(): Promise<void> {
    this.#open = true;
  }

  async read(schema: Schema, keys: readonly Key[], query: Query): Promise<readonly (Entry | null)[]> {
    this.#check();
    const names = keys.map((key) => redisKey(this.#namespace, schema, key));
    const raws = await this.#read(schema, names, query);
    return raws.map((raw, index) => entryOf(schema, names[index]!, query, raw));
  }

  async write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    this.#check();
    if (changes.length === 0) return { done: true, outcomes: [] };
    if (changes.length > 1 && this.#link.cluster)
      throw new ValidationError(
        `A write of ${changes.length} changes (${changes[0]!.schema.name} ${changes[0]!.key.id}, …) was given to Redis Cluster, which cannot make changes to several slots all or none; nothing was written. Write one entity at a time, or give the entities a fallback.`,
      );
    const writing = this.#write(changes);
    this.#writing.add(writing);
    try {
      return await writing;
    } finally {
      this.#writing.delete(writing);
    }
  }

  /** In the order of the keys, all of which are kept in memory while it goes on, but not their entries. */
  async *scan(schema: Schema): AsyncIterable<Scanned> {
    const keys = Array.from(await this.#ids(schema), (id) => {
      const key = keyOfId(schema.keys, id);
      if (key) return key;
      const name = redisKey(this.#namespace, schema, { id, parts: [] });
      throw new CorruptEntryError(schema.name, name, 'its name is no key of the entity');
    }).sort(compareKeys);
    for (let from = 0; from < keys.length; from += SCANNED) {
      const some = keys.slice(from, from + SCANNED);
      const entries = await this.read(schema, some, undefined);
      for (const [index, entry] of entries.entries()) if (entry) yield { key: some[index]!, entry };
    }
  }

  /** Looks at every key of the server. */
  async count(schema: Schema): Promise<number> {
    return (await this.#ids(schema)).size;
  }

  async close(): Promise<void> {
    this.#open = false;
    await Promise.allSettled(this.#writing);
  }

  #check(): void {
    if (!this.#open) throw new ClosedError(`The store '${this.name}'`);
  }

  /** The ids of all entries. Redis may give a key twice while its table shrinks. */
  async #ids(schema: Schema): Promise<Set<string>> {
    this.#check();
    const ids = new Set<string>();
    for await (const some of scanIds(this.#link, this.#namespace, schema)) for (const id of some) ids.add(id);
    return ids;
  }

  async #read(schema: Schema, names: readonly string[], query: Query): Promise<Raw[]> {
    const scripts = readScripts(schema);
    const call = scripts.read(query);
    const size = scripts.size(query);
    const calls = chunks(names.length, this.#link.cluster, () => size).map((range) => ({
      ...call,
      keys: names.slice(...range),
    }));
    const answers = await this.#link.run(calls);
    return answers.flatMap(({ reply, fault }) => {
      if (fault) throw fault;
      return (JSON.parse(reply as string) as (string | object)[]).map(rawOf);
    });
  }

  #write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    const names = changes.map(({ schema, key }) => redisKey(this.#namespace, schema, key));
    const keys = [...new Set(names)];
    const once = keys.length === names.length;
    if (once && changes.every(({ change }) => change.type === 'put' || change.type === 'delete'))
      return this.#writeAtOnce(changes, names);
    return this.#turns.take(keys, () => this.#writeAfterReading(changes, names));
  }

  /** Changes that Redis can check itself, in one round trip. */
  async #writeAtOnce(changes: readonly KeyedChange[], names: readonly string[]): Promise<WriteResult> {
    const answer = await this.#run(
      names,
      changes.map(({ schema, change }) => ({
        args: atOnceArgs(schema, change as RowChange),
        frees: change.type === 'delete',
        tells: isKept(schema),
      })),
    );
    const failed = failureOf(answer);
    if (failed) {
      const { schema } = changes[failed.index]!;
      if (failed.fact === 'exists' || failed.fact === 'conflict')
        return { done: false, index: failed.index, outcome: { status: failed.fact } };
      throw otherType(schema, names[failed.index]!, failed.fact.slice(1));
    }
    const outcomes = changes.map(({ change }, index): Done => {
      const { type, row, expiresAt, expect } = change as RowChange & { type: 'put' };
      if (type === 'put')
        return { status: 'done', entry: { value: row, expiresAt }, existed: typeof expect === 'object' };
      return { status: 'done', entry: null, existed: answer['done '.length + index] === '1' };
    });
    return { done: true, outcomes };
  }

  /** Reads, thinks, and writes where nothing has changed since; else again. */
  async #writeAfterReading(changes: readonly KeyedChange[], names: readonly string[]): Promise<WriteResult> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const drafts = await this.#drafts(changes, names);
      const result = think(changes, names, drafts);
      if (!result.done) return result;
      const answer = await this.#run(
        [...drafts.keys()],
        Array.from(drafts.values(), (draft) => draft.step()),
      );
      if (!failureOf(answer)) return result;
    }
    throw new StoreFault(
      `Redis at ${this.#link.address}: ${names[0]} was changed by others each of the ${MOST_TRIES} times it was tried.`,
      'none',
    );
  }

  async #drafts(changes: readonly KeyedChange[], names: readonly string[]): Promise<Map<string, Draft>> {
    const bySchema = new Map<Schema, Set<string>>();
    changes.forEach(({ schema }, index) => {
      const keys = bySchema.get(schema) ?? new Set();
      bySchema.set(schema, keys.add(names[index]!));
    });
    const drafts = new Map<string, Draft>();
    for (const [schema, keys] of bySchema) {
      const raws = await this.#read(schema, [...keys], undefined);
      [...keys].forEach((key, index) => {
        drafts.set(key, new Draft(schema, key, raws[index]!));
      });
    }
    return drafts;
  }

  async #run(keys: readonly string[], steps: readonly Step[]): Promise<string> {
    const tells = steps.some((step) => step.tells);
    const script = writeScript({ frees: steps.every(({ frees }) => frees), tells });
    const args = steps.flatMap((step) => step.args);
    if (tells) args.push(steps.map((step) => (step.tells ? '1' : '0')).join(''));
    const [answer] = await this.#link.run([{ script, keys, args }]);
    if (answer!.fault) throw answer!.fault;
    return answer!.reply as string;
  }
}

function atOnceArgs(schema: Schema, change: RowChange): string[] {
  if (change.type !== 'put') return ['-', 'delete'];
  const { row, expect, expiresAt } = change;
  const made = putArgs(schema, { value: row, expiresAt });
  if (expect === undefined) return ['-', ...made];
  if (expect === 'absent') return ['absent', ...made];
  return ['version', schema.fields[schema.version!]!.column, String(expect.version), ...made];
}

/** The key whose check failed, and how. */
function failureOf(answer: string): { readonly index: number; readonly fact: string } | undefined {
  if (answer.startsWith('done')) return undefined;
  const space = answer.indexOf(' ');
  return { index: Number(answer.slice(0, space)), fact: answer.slice(space + 1) };
}
