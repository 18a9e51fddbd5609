import { ClosedError, CorruptEntryError, ValidationError } from '../../core/errors.js';
import {
  type DriverCapabilities,
  type FallbackDriver,
  type KeyedChange,
  type Scanned,
  StoreFault,
  type WriteResult,
} from '../../core/fallback-driver.js';
import { getOrMake } from '../../core/get-or-make.js';
import { compareKeys } from '../../core/key-order.js';
import { keyOfId } from '../../core/key-text.js';
import type { Done, Entry, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { ALONE, chunks } from '../../hot/redis/chunks.js';
import { scanIds } from '../../hot/redis/ids.js';
import { redisKey } from '../../hot/redis/key.js';
import type { RedisLink } from '../../hot/redis/link.js';
import { runOneByOne } from '../../hot/redis/one-by-one.js';
import { Turns } from '../turns.js';
import { Draft, type Step } from './draft.js';
import { collectionIds } from './ids.js';
import { type Plan, planOf } from './plan.js';
import { entryOf, type Raw, rawOf } from './raw.js';
import { readScripts, writeScript } from './scripts.js';
import { answersOf, type Failure, type KeyAnswer } from './write-answer.js';

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
 * Redis as the truth, for entities without a fallback: each entry is one hash, string, sorted set, list or set. On a cluster a write
 * is of one key. Redis's own clock says when an entry has ended.
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
    this.capabilities = { transactions: !connection.cluster, ttl: true, shared: true, nul: true, countsByScan: true };
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
    const scan = schema.kind.structure === undefined ? scanIds : collectionIds;
    for await (const some of scan(this.#link, this.#namespace, schema)) for (const id of some) ids.add(id);
    return ids;
  }

  async #read(schema: Schema, names: readonly string[], query: Query, toChange = false): Promise<Raw[]> {
    const scripts = readScripts(schema);
    const call = (toChange && scripts.draft) || scripts.read(query);
    const size = scripts.size(query);
    const calls = chunks(names.length, this.#link.cluster, () => size).map((range) => ({
      ...call,
      keys: names.slice(...range),
    }));
    const answers = await runOneByOne(this.#link, calls, () => size >= ALONE);
    return answers.flatMap(({ reply, fault }) => {
      if (fault) throw fault;
      return (JSON.parse(reply as string) as (string | object)[]).map((one) => rawOf(schema, one));
    });
  }

  #write(changes: readonly KeyedChange[]): Promise<WriteResult> {
    const writing = planOf(this.#namespace, changes);
    if (writing.drafted.size === 0) return this.#attempt(changes, writing) as Promise<WriteResult>;
    return this.#turns.take([...writing.places.keys()], async () => {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const result = await this.#attempt(changes, writing);
        if (result) return result;
      }
      throw new StoreFault(
        `Redis at ${this.#link.address}: ${[...writing.drafted.keys()][0]} was changed by others each of the ${MOST_TRIES} times it was tried.`,
        'none',
      );
    });
  }

  /**
   * Changes that Redis can check itself in one round trip; where there are others, reads, thinks, and writes where nothing has changed
   * since. `undefined` where something has.
   */
  async #attempt(changes: readonly KeyedChange[], { places, atOnce, drafted }: Plan): Promise<WriteResult | undefined> {
    const outcomes = new Array<Done>(changes.length);
    const drafts = await this.#drafts(drafted);
    for (const [index, name] of [...drafted]
      .flatMap(([name]) => places.get(name)!.map((at) => [at, name] as const))
      .sort(([a], [b]) => a - b)) {
      const outcome = drafts.get(name)!.apply(changes[index]!.change);
      if (outcome.status !== 'done') return { done: false, index, outcome };
      outcomes[index] = outcome;
    }
    const names = [...places.keys()];
    const steps = names.map((name) => (drafts.get(name) ?? atOnce.get(name)!).step());
    const answers = changes.some(
      ({ schema, change }) => schema.kind.structure !== undefined || change.type === 'patch',
    );
    const answer = await this.#run(names, steps, answers);
    if ('fact' in answer) {
      const name = names[answer.index]!;
      const outcome = atOnce.get(name)?.refusal(answer.fact);
      return outcome && { done: false, index: places.get(name)![0]!, outcome };
    }
    names.forEach((name, at) => {
      const made = atOnce.get(name)?.outcomes(answer[at]!);
      places.get(name)!.forEach((index, nth) => {
        if (made) outcomes[index] = made[nth]!;
      });
    });
    return { done: true, outcomes };
  }

  async #drafts(drafted: ReadonlyMap<string, Schema>): Promise<Map<string, Draft>> {
    const bySchema = new Map<Schema, string[]>();
    for (const [name, schema] of drafted) getOrMake(bySchema, schema, () => []).push(name);
    const drafts = new Map<string, Draft>();
    for (const [schema, names] of bySchema) {
      const raws = await this.#read(schema, names, undefined, true);
      for (const [at, name] of names.entries()) drafts.set(name, new Draft(schema, name, raws[at]!));
    }
    return drafts;
  }

  async #run(
    names: readonly string[],
    steps: readonly Step[],
    answers: boolean,
  ): Promise<readonly KeyAnswer[] | Failure> {
    const tells = steps.some((step) => step.tells);
    const script = writeScript({ frees: steps.every(({ frees }) => frees), tells, answers });
    const args = steps.flatMap((step) => step.args);
    if (tells) args.push(steps.map((step) => (step.tells ? '1' : '0')).join(''));
    const [answer] = await this.#link.run([{ script, keys: names, args }]);
    if (answer!.fault) throw answer!.fault;
    return answersOf(answer!.reply as string, names.length);
  }
}
