import { byQuery } from '../../core/by-query.js';
import type { Member } from '../../core/collection.js';
import { textOf } from '../../core/error-text.js';
import { StoreFault } from '../../core/fallback-driver.js';
import type {
  CommitMode,
  HotDelta,
  HotEntry,
  HotFault,
  HotOpenOptions,
  HotPeek,
  HotReply,
  HotStore,
} from '../../core/hot-store.js';
import type { Kind, Query } from '../../core/kind.js';
import type { Key, Schema } from '../../core/schema.js';
import { tokensByKey } from '../../core/tokens-by-key.js';
import { chunks, type Range } from './chunks.js';
import { readCollections } from './collection-reads.js';
import type { CollectionScripts } from './collection-scripts.js';
import { isAway, redisFault, replyCode } from './fault.js';
import { hashShape } from './hash-scripts.js';
import { scanIds } from './ids.js';
import { inTime, OPENING } from './in-time.js';
import { redisKey } from './key.js';
import type { Answer, RedisLink, Watcher } from './link.js';
import { hashesOf } from './member-hash.js';
import { ttlText, wholeMilliseconds } from './milliseconds.js';
import { permissionsFor } from './permissions.js';
import { probeScript } from './probe.js';
import { readRows } from './row-reads.js';
import { scopeOf } from './scope.js';
import type { Script, ScriptCall } from './script.js';
import { scriptsOf, shapeOf } from './scripts-of.js';
import { Staging } from './staging.js';
import type { HotScripts } from './steps.js';

/** What a Redis hot store is made of. */
export interface RedisHotOptions {
  /** Open, and closed by whoever opened it: several stores may share one. */
  readonly connection: RedisLink;
  /** What every key starts with; `''` for nothing. */
  readonly namespace: string;
  /** How long a reader may take to fill a cold entry before another may, in milliseconds; 3,000 by default. */
  readonly fillTime?: number;
}

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
  readonly #staging: Staging;
  /** How the entities that were opened lie in Redis, by type. */
  readonly #forms = new Map<string, Kind['redis']>();
  #probeScript = probeScript([hashShape]);

  constructor({ connection, namespace, fillTime = 3000 }: RedisHotOptions) {
    this.#link = connection;
    this.#namespace = namespace;
    this.scope = scopeOf(connection, namespace);
    this.#fillTime = wholeMilliseconds(fillTime);
    this.#staging = new Staging(connection, this.#fillTime);
  }

  /** Finds out whether scripts are allowed, and this Redis tells its epoch. */
  async open(schemas: readonly Schema[], { mayBeAway }: HotOpenOptions = {}): Promise<void> {
    for (const { kind } of schemas) if (kind.redis.type !== 'hash') this.#forms.set(kind.redis.type, kind.redis);
    this.#probeScript = probeScript([hashShape, ...Array.from(this.#forms.values(), shapeOf)]);
    const [answer] = await inTime(this.#link.run([this.#probe(0)]), OPENING).catch(
      (error: unknown): readonly Answer[] => [{ fault: redisFault(this.#link.address, error) }],
    );
    const fault = this.#explained(answer!.fault);
    if (fault && !(mayBeAway && isAway(fault))) throw fault;
  }

  async read(
    schema: Schema,
    keys: readonly Key[],
    queries: readonly Query[] | undefined,
    token: string,
  ): Promise<readonly HotReply[]> {
    const scripts = scriptsOf(schema);
    if ('form' in scripts) {
      const corrupt: Key[] = [];
      const asked = {
        form: scripts.form,
        script: scripts.read,
        args: [token, this.#fillTime],
        names: this.#names(schema, keys),
        queries,
        cold: { state: 'fill', token } as const,
      };
      const replies = await readCollections(this.#link, asked, (index) => corrupt.push(keys[index]!));
      if (corrupt.length > 0) await this.drop(schema, corrupt);
      return replies;
    }
    const groups = byQuery(keys, queries);
    if (groups.length === 1) return this.#readSame(schema, scripts, keys, groups[0]!.query, token);
    const replies = new Array<HotReply>(keys.length);
    await Promise.all(
      groups.map(async ({ query, keys: same, indexes }) => {
        const some = await this.#readSame(schema, scripts, same, query, token);
        some.forEach((reply, at) => {
          replies[indexes![at]!] = reply;
        });
      }),
    );
    return replies;
  }

  async #readSame(
    schema: Schema,
    scripts: HotScripts,
    keys: readonly Key[],
    query: Query,
    token: string,
  ): Promise<readonly HotReply[]> {
    const { script, args } = scripts.read(query);
    const call = { script, args: [token, this.#fillTime, ...args] };
    const names = this.#names(schema, keys);
    const cold = { state: 'fill', token } as const;
    // Entries that could not be read are dropped, where they still are what was read.
    const discarded: ScriptCall[] = [];
    const replies = await readRows(this.#link, { scripts, call, names, query, cold }, (index, texts) =>
      discarded.push({ ...scripts.discard(query, texts), keys: [names[index]!] }),
    );
    if (discarded.length > 0) await this.#link.run(discarded);
    return replies;
  }

  peek(schema: Schema, keys: readonly Key[]): Promise<readonly HotPeek[]> {
    const scripts = scriptsOf(schema);
    const names = this.#names(schema, keys);
    const leave = () => {};
    if ('form' in scripts) {
      const { form, peek: script } = scripts;
      const asked = { form, script, args: ['', '0'], names, queries: undefined, cold: COLD };
      return readCollections(this.#link, asked, leave);
    }
    return readRows(this.#link, { scripts, call: scripts.peek(), names, query: undefined, cold: COLD }, leave);
  }

  begin(
    schema: Schema,
    keys: readonly Key[],
    token: string,
    lockTime: number,
    servedFor = lockTime,
    members?: readonly (readonly string[] | undefined)[],
  ): Promise<readonly HotFault[]> {
    const scripts = scriptsOf(schema);
    const args = [token, wholeMilliseconds(lockTime), wholeMilliseconds(lockTime - servedFor)];
    const own = members && 'form' in scripts ? members.map(hashesOf) : [];
    return this.#each(schema, keys, scripts.begin, args, own);
  }

  async renew(
    schema: Schema,
    keys: readonly Key[],
    tokens: string | readonly string[],
    lockTime: number,
  ): Promise<readonly HotFault[]> {
    const byKey = tokensByKey(keys, tokens);
    const names = byKey.map(({ key }) => redisKey(this.#namespace, schema, key));
    const texts = byKey.map(({ tokens: own }) => [String(own.length), ...own]);
    const faults = await this.#putAll(names, texts, scriptsOf(schema).renew, [wholeMilliseconds(lockTime)]);
    const faultOf = new Map(byKey.map(({ key }, at) => [key.id, faults[at]]));
    return keys.map(({ id }) => faultOf.get(id));
  }

  async commit(
    schema: Schema,
    entries: readonly (HotEntry | HotDelta)[],
    token: string,
    mode: CommitMode,
  ): Promise<readonly HotFault[]> {
    const keys = entries.map(({ key }) => key);
    if (mode === 'drop') return this.abandon(schema, keys, token);
    const faults = await this.#put(schema, entries, scriptsOf(schema).commit, [token, mode], 'L');
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

  async stage(
    schema: Schema,
    key: Key,
    members: readonly Member[],
    token: string,
  ): Promise<boolean | { readonly error: unknown }> {
    const scripts = scriptsOf(schema) as CollectionScripts;
    return this.#staging.put({ scripts, name: redisKey(this.#namespace, schema, key), token, members }, 'F');
  }

  fill(schema: Schema, entries: readonly HotEntry[], token: string): Promise<readonly HotFault[]> {
    return this.#put(schema, entries, scriptsOf(schema).fill, [token], 'F');
  }

  drop(schema: Schema, keys: readonly Key[]): Promise<readonly HotFault[]> {
    return this.#each(schema, keys, scriptsOf(schema).drop, []);
  }

  ids(schema: Schema): AsyncIterable<readonly string[]> {
    return scanIds(this.#link, this.#namespace, schema, 'form' in scriptsOf(schema) ? '~' : '');
  }

  place(schema: Schema, key: Key): string {
    return this.#link.place(redisKey(this.#namespace, schema, key));
  }

  async places(): Promise<ReadonlyMap<string, HotFault>> {
    const places = await this.#link.places((index) => this.#probe(index));
    return new Map(
      Array.from(places, ([place, fault]) => [place, fault && { error: this.#explained(fault) }] as const),
    );
  }

  watch(heard: Watcher): () => void {
    return this.#link.watch(heard);
  }

  async close(): Promise<void> {}

  #probe(index: number): ScriptCall {
    const key = redisKey(this.#namespace, { name: 'holdfast' } as Schema, { id: `probe${index}`, parts: [] });
    return { script: this.#probeScript, keys: [key], args: [] };
  }

  /** A fault of the probe: where it is a permission, which are needed. */
  #explained(fault: StoreFault | undefined): StoreFault | undefined {
    if (!fault || !/NOPERM|can't run this command/.test(fault.message)) return fault;
    const needed = `${permissionsFor(this.#forms.keys())}, and the keys ~${this.#namespace && `${this.#namespace}:`}*`;
    return new StoreFault(`${textOf(fault)}. Its user needs ${needed}.`, 'none', { cause: fault.cause });
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
    const names = this.#names(schema, keys);
    return this.#run(
      ranges,
      ranges.map((range) => ({
        script,
        keys: names.slice(...range),
        args: own.length > 0 ? [...args, ...own.slice(...range)] : args,
      })),
    );
  }

  /** A script that takes for each key its ttl, and the count of its texts and these. */
  async #put(
    schema: Schema,
    entries: readonly (HotEntry | HotDelta)[],
    script: Script,
    args: readonly string[],
    by: 'F' | 'L',
  ): Promise<readonly HotFault[]> {
    const scripts = scriptsOf(schema);
    const keys = entries.map(({ key }) => key);
    const names = this.#names(schema, keys);
    if (!('form' in scripts)) {
      const texts = (entries as readonly HotEntry[]).map((entry) => rowArguments(scripts, entry));
      return this.#putAll(names, texts, script, args);
    }
    const token = args[0]!;
    const texts = (index: number) => this.#staging.argumentsOf(scripts.form, names[index]!, entries[index]!, token);
    // Only what has to be put aside first waits: steps go out in the order in which they are called.
    const putting = this.#staging.putLarge({ scripts, names, entries, token, by });
    const aside = putting ? await putting : [];
    const ready = names.flatMap((_, index) => (aside[index] ? [] : [index]));
    const readyNames = ready.map((index) => names[index]!);
    const faults = await this.#putAll(readyNames, ready.map(texts), script, args);
    if (ready.length === names.length) return faults;
    let at = 0;
    return names.map((_, index) => aside[index] ?? faults[at++]);
  }

  #putAll(
    names: readonly string[],
    texts: readonly (readonly string[])[],
    script: Script,
    args: readonly string[],
  ): Promise<HotFault[]> {
    const ranges = chunks(names.length, this.#link.cluster, (index) => texts[index]!);
    return this.#run(
      ranges,
      ranges.map((range) => ({
        script,
        keys: names.slice(...range),
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

  #names(schema: Schema, keys: readonly Key[]): string[] {
    return keys.map((key) => redisKey(this.#namespace, schema, key));
  }
}

const isOutOfMemory = (fault: HotFault): boolean =>
  fault !== undefined && replyCode((fault.error as { cause?: unknown }).cause) === 'OOM';

/** What a commit or a fill takes of a row: its ttl, the count of its texts and these. */
function rowArguments(scripts: HotScripts, { value, ttl }: HotEntry): readonly string[] {
  const formatted = value === null ? undefined : scripts.format(value);
  return [ttlText(ttl), String(formatted ? formatted.length : -1), ...(formatted ?? [])];
}
