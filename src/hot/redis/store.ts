import { byQuery } from '../../core/by-query.js';
import { textOf } from '../../core/error-text.js';
import { StoreFault } from '../../core/fallback-driver.js';
import type { CommitMode, HotDelta, HotEntry, HotFault, HotPeek, HotReply, HotStore } from '../../core/hot-store.js';
import type { Query } from '../../core/kind.js';
import { CorruptPlain } from '../../core/plain.js';
import type { Key, Schema } from '../../core/schema.js';
import { chunks, type Range } from './chunks.js';
import { replyCode } from './fault.js';
import { flagScripts, stringShape } from './flag-scripts.js';
import { hashScripts, hashShape } from './hash-scripts.js';
import { scanIds } from './ids.js';
import { redisKey } from './key.js';
import type { Answer, RedisLink, Watcher } from './link.js';
import { textsOf } from './lua.js';
import { probeScript } from './probe.js';
import { scopeOf } from './scope.js';
import type { Script, ScriptCall } from './script.js';
import type { HotScripts, ReadCall } from './steps.js';

/** What a Redis hot store is made of. */
export interface RedisHotOptions {
  /** Open, and closed by whoever opened it: several stores may share one. */
  readonly connection: RedisLink;
  /** What every key starts with; `''` for nothing. */
  readonly namespace: string;
  /** How long a reader may take to fill a cold entry before another may, in milliseconds; 3,000 by default. */
  readonly fillTime?: number;
}

const probeHashes = probeScript([hashShape]);
const probeAll = probeScript([hashShape, stringShape]);

/** What a user of Redis must be allowed; README names the same. */
const PERMISSIONS =
  '+@connection +@hash +get +set +eval +evalsha +info +time +del +unlink +exists +persist +pexpire +pexpireat +pexpiretime +pttl +type +scan';

const ABSENT = { state: 'absent' } as const;
const BUSY = { state: 'busy' } as const;
const COLD = { state: 'cold' } as const;

/** The hot tier on Redis. */
export function redisHotStore(options: RedisHotOptions): HotStore {
  return new RedisHotStore(options);
}

class RedisHotStore implements HotStore {
  readonly name = 'redis';
  readonly scope: string;
  readonly #link: RedisLink;
  readonly #namespace: string;
  readonly #fillTime: string;
  #probeScript = probeHashes;

  constructor({ connection, namespace, fillTime = 3000 }: RedisHotOptions) {
    this.#link = connection;
    this.#namespace = namespace;
    this.scope = scopeOf(connection, namespace);
    this.#fillTime = wholeMilliseconds(fillTime);
  }

  /** Finds out whether scripts are allowed, and this Redis tells its epoch. */
  async open(schemas: readonly Schema[]): Promise<void> {
    if (schemas.some(({ kind }) => kind.redis.type === 'string')) this.#probeScript = probeAll;
    const [answer] = await this.#link.run([this.#probe(0)]);
    const { fault } = answer!;
    if (!fault) return;
    if (!/NOPERM|can't run this command/.test(fault.message)) throw fault;
    throw new StoreFault(
      `${textOf(fault)}. Its user needs ${PERMISSIONS}, and the keys ~${this.#namespace && `${this.#namespace}:`}*.`,
      'none',
      { cause: fault },
    );
  }

  async read(
    schema: Schema,
    keys: readonly Key[],
    queries: readonly Query[] | undefined,
    token: string,
  ): Promise<readonly HotReply[]> {
    const groups = byQuery(keys, queries);
    if (groups.length === 1) return this.#readSame(schema, keys, groups[0]!.query, token);
    const replies = new Array<HotReply>(keys.length);
    await Promise.all(
      groups.map(async ({ query, keys: same, indexes }) => {
        const some = await this.#readSame(schema, same, query, token);
        some.forEach((reply, at) => {
          replies[indexes![at]!] = reply;
        });
      }),
    );
    return replies;
  }

  async #readSame(schema: Schema, keys: readonly Key[], query: Query, token: string): Promise<readonly HotReply[]> {
    const { script, args } = scriptsOf(schema).read(query);
    const call = { script, args: [token, this.#fillTime, ...args] };
    const unreadable: Unreadable[] = [];
    const cold = { state: 'fill', token } as const;
    const replies = await this.#look({ schema, keys, query, call, cold }, unreadable);
    if (unreadable.length > 0) await this.#discard(schema, query, unreadable);
    return replies;
  }

  peek(schema: Schema, keys: readonly Key[]): Promise<readonly HotPeek[]> {
    return this.#look({ schema, keys, query: undefined, call: scriptsOf(schema).peek(), cold: COLD });
  }

  begin(
    schema: Schema,
    keys: readonly Key[],
    token: string,
    lockTime: number,
    servedFor = lockTime,
  ): Promise<readonly HotFault[]> {
    return this.#each(schema, keys, scriptsOf(schema).begin, [
      token,
      wholeMilliseconds(lockTime),
      wholeMilliseconds(lockTime - servedFor),
    ]);
  }

  renew(schema: Schema, keys: readonly Key[], token: string, lockTime: number): Promise<readonly HotFault[]> {
    return this.#each(schema, keys, scriptsOf(schema).renew, [token, wholeMilliseconds(lockTime)]);
  }

  async commit(
    schema: Schema,
    given: readonly (HotEntry | HotDelta)[],
    token: string,
    mode: CommitMode,
  ): Promise<readonly HotFault[]> {
    const entries = given as readonly HotEntry[];
    const keys = entries.map(({ key }) => key);
    if (mode === 'drop') return this.abandon(schema, keys, token);
    const faults = await this.#put(schema, entries, scriptsOf(schema).commit, [token, mode]);
    // A Redis without memory for the value still takes out the lock.
    const full = faults.flatMap((fault, index) => (isOutOfMemory(fault) ? [index] : []));
    if (full.length === 0) return faults;
    const left = await this.abandon(
      schema,
      full.map((index) => keys[index]!),
      token,
    );
    return faults.map((fault, index) => (isOutOfMemory(fault) ? left[full.indexOf(index)] : fault));
  }

  abandon(schema: Schema, keys: readonly Key[], tokens: string | readonly string[]): Promise<readonly HotFault[]> {
    const { release } = scriptsOf(schema);
    return typeof tokens === 'string'
      ? this.#each(schema, keys, release, [tokens])
      : this.#each(schema, keys, release, [], tokens);
  }

  async stage(): Promise<boolean> {
    throw new Error('to come');
  }

  fill(schema: Schema, entries: readonly HotEntry[], token: string): Promise<readonly HotFault[]> {
    return this.#put(schema, entries, scriptsOf(schema).fill, [token]);
  }

  drop(schema: Schema, keys: readonly Key[]): Promise<readonly HotFault[]> {
    return this.#each(schema, keys, scriptsOf(schema).drop, []);
  }

  ids(schema: Schema): AsyncIterable<readonly string[]> {
    return scanIds(this.#link, this.#namespace, schema);
  }

  place(schema: Schema, key: Key): string {
    return this.#link.place(redisKey(this.#namespace, schema, key));
  }

  async places(): Promise<ReadonlyMap<string, HotFault>> {
    const places = await this.#link.places((index) => this.#probe(index));
    return new Map(Array.from(places, ([place, fault]) => [place, fault && { error: fault }]));
  }

  watch(heard: Watcher): () => void {
    return this.#link.watch(heard);
  }

  async close(): Promise<void> {}

  #probe(index: number): ScriptCall {
    const key = redisKey(this.#namespace, { name: 'holdfast' } as Schema, { id: `probe${index}`, parts: [] });
    return { script: this.#probeScript, keys: [key], args: [] };
  }

  /** What a script answers that reads; values that could not be parsed are told to `unreadable`. */
  async #look<Cold>(
    { schema, keys, query, call: { script, args }, cold }: Look<Cold>,
    unreadable?: Unreadable[],
  ): Promise<(Found | Cold)[]> {
    const scripts = scriptsOf(schema);
    const size = scripts.size(query);
    const ranges = chunks(keys.length, this.#link.cluster, () => size);
    const answers = await this.#link.run(
      ranges.map((range) => ({ script, keys: this.#keys(schema, keys, range), args })),
    );
    const replies: (Found | Cold)[] = [];
    ranges.forEach(([from, to], at) => {
      const { reply, fault } = answers[at]!;
      if (fault) {
        for (let index = from; index < to; index++) replies.push({ state: 'unreachable', error: fault });
        return;
      }
      const found = JSON.parse(reply as string) as readonly (string | object)[];
      for (let index = from; index < to; index++) {
        const one = found[index - from]!;
        if (typeof one === 'string') {
          replies.push(one === 'F' ? cold : foundOf(one, scripts.type));
          continue;
        }
        const texts = textsOf(one);
        try {
          replies.push({ state: 'value', value: scripts.parse(query, texts) });
        } catch (error) {
          if (!(error instanceof CorruptPlain)) throw error;
          replies.push({ state: 'corrupt', fact: error.message });
          unreadable?.push({ key: keys[index]!, texts });
        }
      }
    });
    return replies;
  }

  /** A script that takes `args`, and of `own` one for each key. */
  async #each(
    schema: Schema,
    keys: readonly Key[],
    script: Script,
    args: readonly string[],
    own: readonly string[] = [],
  ): Promise<HotFault[]> {
    const ranges = chunks(keys.length, this.#link.cluster, () => 1);
    return this.#run(
      ranges,
      ranges.map((range) => ({
        script,
        keys: this.#keys(schema, keys, range),
        args: own.length > 0 ? [...args, ...own.slice(...range)] : args,
      })),
    );
  }

  /** A script that takes for each key its ttl, and the count of its texts and these. */
  async #put(
    schema: Schema,
    entries: readonly HotEntry[],
    script: Script,
    args: readonly string[],
  ): Promise<HotFault[]> {
    const scripts = scriptsOf(schema);
    const texts = entries.map(({ value, ttl }) => {
      const formatted = value === null ? undefined : scripts.format(value);
      const size = formatted ? formatted.length : -1;
      return [ttl === undefined ? '' : wholeMilliseconds(ttl), String(size), ...(formatted ?? [])];
    });
    const ranges = chunks(entries.length, this.#link.cluster, (index) => texts[index]!);
    return this.#run(
      ranges,
      ranges.map((range) => ({
        script,
        keys: entries.slice(...range).map(({ key }) => redisKey(this.#namespace, schema, key)),
        args: [...args, ...texts.slice(...range).flat()],
      })),
    );
  }

  async #run(ranges: readonly Range[], calls: readonly ScriptCall[]): Promise<HotFault[]> {
    const answers: readonly Answer[] = await this.#link.run(calls);
    return ranges.flatMap(([from, to], at) => {
      const { fault } = answers[at]!;
      return new Array<HotFault>(to - from).fill(fault && { error: fault });
    });
  }

  /** Entries that could not be read are dropped, where they still are what was read. */
  async #discard(schema: Schema, query: Query, entries: readonly Unreadable[]): Promise<void> {
    await this.#link.run(
      entries.map(({ key, texts }) => ({
        ...scriptsOf(schema).discard(query, texts),
        keys: [redisKey(this.#namespace, schema, key)],
      })),
    );
  }

  #keys(schema: Schema, keys: readonly Key[], [from, to]: Range): string[] {
    const names: string[] = [];
    for (let index = from; index < to; index++) names.push(redisKey(this.#namespace, schema, keys[index]!));
    return names;
  }
}

/** What is asked of a script that reads; `cold` is the answer for what it calls cold. */
interface Look<Cold> {
  readonly schema: Schema;
  readonly keys: readonly Key[];
  readonly query: Query;
  readonly call: ReadCall;
  readonly cold: Cold;
}

/** What reading and peeking answer alike. */
type Found = HotReply & HotPeek;

/** An entry whose texts are not what the schema says. */
interface Unreadable {
  readonly key: Key;
  readonly texts: readonly (string | null)[];
}

const made = new WeakMap<Schema, HotScripts>();

/** The scripts for a schema's entries, by how its kind lies in Redis. */
function scriptsOf(schema: Schema): HotScripts {
  let scripts = made.get(schema);
  if (!scripts) {
    const { redis } = schema.kind;
    if (redis.type !== 'hash' && redis.type !== 'string') throw new Error(`a ${redis.type} is to come`);
    scripts = redis.type === 'hash' ? hashScripts(schema, redis) : flagScripts(schema, redis);
    made.set(schema, scripts);
  }
  return scripts;
}

function foundOf(text: string, type: string): Found {
  if (text === 'N') return ABSENT;
  if (text === 'B') return BUSY;
  return { state: 'corrupt', fact: `it was a Redis ${text.slice(1)} in place of a ${type}` };
}

const isOutOfMemory = (fault: HotFault): boolean =>
  fault !== undefined && replyCode((fault.error as { cause?: unknown }).cause) === 'OOM';

/** For Redis: at least 0, and no more than it can add to the time. */
function wholeMilliseconds(ms: number): string {
  return String(Math.min(Math.max(Math.floor(ms), 0), Number.MAX_SAFE_INTEGER));
}
