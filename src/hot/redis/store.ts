import type { CommitMode, HotEntry, HotFault, HotReply, HotStore } from '../../core/hot-store.js';
import type { Query } from '../../core/kind.js';
import { CorruptPlain } from '../../core/plain.js';
import type { Key, Schema } from '../../core/schema.js';
import { chunks, type Range } from './chunks.js';
import { replyCode } from './fault.js';
import { type HotScripts, hashScripts } from './hash-scripts.js';
import { redisKey } from './key.js';
import type { Answer, RedisLink } from './link.js';
import { textsOf } from './lua.js';
import { MARKER } from './marker.js';
import type { Script, ScriptCall } from './script.js';

/** What a Redis hot store is made of. */
export interface RedisHotOptions {
  /** Open, and closed by whoever opened it: several stores may share one. */
  readonly connection: RedisLink;
  /** What every key starts with; `''` for nothing. */
  readonly namespace: string;
  /** How long a reader may take to fill a cold entry before another may, in milliseconds; 3,000 by default. */
  readonly fillTime?: number;
}

const ABSENT: HotReply = { state: 'absent' };
const BUSY: HotReply = { state: 'busy' };

/** The hot tier on Redis. */
export function redisHotStore(options: RedisHotOptions): HotStore {
  return new RedisHotStore(options);
}

class RedisHotStore implements HotStore {
  readonly name = 'redis';
  readonly #link: RedisLink;
  readonly #namespace: string;
  readonly #fillTime: string;

  constructor({ connection, namespace, fillTime = 3000 }: RedisHotOptions) {
    this.#link = connection;
    this.#namespace = namespace;
    this.#fillTime = wholeMilliseconds(fillTime);
  }

  /** Finds out whether the scripts are allowed, and this Redis tells its epoch. */
  async open(schemas: readonly Schema[]): Promise<void> {
    const probe = redisKey(this.#namespace, { name: 'holdfast' } as Schema, { id: 'open', parts: [] });
    const scripts = new Set(schemas.map((schema) => scriptsOf(schema).renew));
    const answers = await this.#link.run([...scripts].map((script) => ({ script, keys: [probe], args: ['', '0'] })));
    for (const { fault } of answers) if (fault) throw fault;
  }

  async read(schema: Schema, keys: readonly Key[], query: Query, token: string): Promise<readonly HotReply[]> {
    const fields = schema.kind.redisFields(schema, query);
    const { read, readAll } = scriptsOf(schema);
    const script = (query === undefined && readAll) || read;
    const args = script === readAll ? [token, this.#fillTime] : [token, this.#fillTime, ...fields, MARKER];
    const ranges = chunks(keys.length, this.#link.cluster, () => fields.length);
    const answers = await this.#link.run(
      ranges.map((range) => ({ script, keys: this.#keys(schema, keys, range), args })),
    );
    const replies: HotReply[] = [];
    const unreadable: Unreadable[] = [];
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
          replies.push(replyOf(one, token));
          continue;
        }
        const texts = textsOf(one);
        try {
          replies.push({ state: 'value', value: schema.kind.parse(schema, query, texts) });
        } catch (error) {
          if (!(error instanceof CorruptPlain)) throw error;
          replies.push({ state: 'corrupt', fact: error.message });
          unreadable.push({ key: keys[index]!, texts });
        }
      }
    });
    if (unreadable.length > 0) await this.#discard(schema, fields, unreadable);
    return replies;
  }

  begin(schema: Schema, keys: readonly Key[], token: string, lockTime: number): Promise<readonly HotFault[]> {
    return this.#each(schema, keys, scriptsOf(schema).begin, [token, wholeMilliseconds(lockTime)]);
  }

  renew(schema: Schema, keys: readonly Key[], token: string, lockTime: number): Promise<readonly HotFault[]> {
    return this.#each(schema, keys, scriptsOf(schema).renew, [token, wholeMilliseconds(lockTime)]);
  }

  async commit(
    schema: Schema,
    entries: readonly HotEntry[],
    token: string,
    mode: CommitMode,
  ): Promise<readonly HotFault[]> {
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

  abandon(schema: Schema, keys: readonly Key[], token: string): Promise<readonly HotFault[]> {
    return this.#each(schema, keys, scriptsOf(schema).release, [token]);
  }

  fill(schema: Schema, entries: readonly HotEntry[], token: string): Promise<readonly HotFault[]> {
    return this.#put(schema, entries, scriptsOf(schema).fill, [token]);
  }

  drop(schema: Schema, keys: readonly Key[]): Promise<readonly HotFault[]> {
    return this.#each(schema, keys, scriptsOf(schema).drop, []);
  }

  async close(): Promise<void> {}

  async #each(schema: Schema, keys: readonly Key[], script: Script, args: readonly string[]): Promise<HotFault[]> {
    const ranges = chunks(keys.length, this.#link.cluster, () => 1);
    return this.#run(
      ranges,
      ranges.map((range) => ({
        script,
        keys: this.#keys(schema, keys, range),
        args,
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
    const texts = entries.map(({ value, ttl }) => {
      const formatted = value === null ? undefined : schema.kind.format(schema, value);
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
  async #discard(schema: Schema, fields: readonly string[], entries: readonly Unreadable[]): Promise<void> {
    await this.#link.run(
      entries.map(({ key, texts }) => ({
        script: scriptsOf(schema).discard,
        keys: [redisKey(this.#namespace, schema, key)],
        args: [String(fields.length), ...fields, ...texts.map((text) => (text === null ? '' : `=${text}`))],
      })),
    );
  }

  #keys(schema: Schema, keys: readonly Key[], [from, to]: Range): string[] {
    const names: string[] = [];
    for (let index = from; index < to; index++) names.push(redisKey(this.#namespace, schema, keys[index]!));
    return names;
  }
}

/** An entry whose texts are not what the schema says. */
interface Unreadable {
  readonly key: Key;
  readonly texts: readonly (string | null)[];
}

// The kinds of collections, whose values lie beside their markers, have scripts of their own here.
function scriptsOf(schema: Schema): HotScripts {
  return hashScripts(schema);
}

function replyOf(text: string, token: string): HotReply {
  if (text === 'N') return ABSENT;
  if (text === 'F') return { state: 'fill', token };
  if (text === 'B') return BUSY;
  return { state: 'corrupt', fact: `it was a Redis ${text.slice(1)} in place of a hash` };
}

const isOutOfMemory = (fault: HotFault): boolean =>
  fault !== undefined && replyCode((fault.error as { cause?: unknown }).cause) === 'OOM';

/** For Redis: at least 0, and no more than it can add to the time. */
function wholeMilliseconds(ms: number): string {
  return String(Math.min(Math.max(Math.floor(ms), 0), Number.MAX_SAFE_INTEGER));
}
