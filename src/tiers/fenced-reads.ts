import { getOrMake } from '../core/get-or-make.js';
import type { HotReply } from '../core/hot-store.js';
import type { Entry, Query } from '../core/kind.js';
import type { Key, Schema } from '../core/schema.js';
import { type FencedParts, hotEntries } from './fenced-parts.js';
import type { Fill } from './fills.js';
import type { Settle } from './store.js';
import { unavailable } from './unavailable.js';

const BUSY: HotReply = { state: 'busy' };

/** What of a load the hot tier did not answer; indexes are of `keys`. */
interface ColdLoad {
  readonly schema: Schema;
  readonly keys: readonly Key[];
  readonly query: Query;
  readonly settle: Settle;
  /** What to ask the durable store for. */
  readonly cold: readonly number[];
  /** What of it is this reader's to fill, under `token`. */
  readonly fills: readonly number[];
  readonly token: string;
}

/** How a fenced store is read: the hot tier first, then the durable one, which fills what is cold. */
export class FencedReads {
  readonly #parts: FencedParts;

  constructor(parts: FencedParts) {
    this.#parts = parts;
  }

  /** `again`: who met a fill of this process waited for it once, and does not a second time. */
  async load(schema: Schema, keys: readonly Key[], query: Query, settle: Settle, again = false): Promise<void> {
    const { trust } = this.#parts;
    const token = this.#parts.token();
    const replies = await this.#askHot(schema, keys, query, token);
    const cold: number[] = [];
    const fills: number[] = [];
    let filling: Map<Fill, number[]> | undefined;
    let answered = true;
    for (let index = 0; index < keys.length; index++) {
      const reply = replies[index]!;
      if (reply.state === 'value') settle(index, undefined, { value: reply.value });
      else if (reply.state === 'absent') settle(index, undefined, null);
      else {
        const fill = reply.state === 'busy' && !again ? this.#parts.fills.of(schema, keys[index]!) : undefined;
        if (fill) {
          filling ??= new Map();
          getOrMake(filling, fill, () => []).push(index);
          continue;
        }
        cold.push(index);
        if (reply.state === 'fill') fills.push(index);
        else if (reply.state === 'unreachable') {
          answered = false;
          trust.unanswered(this.#parts.hot.place(schema, keys[index]!), reply.error);
        } else if (reply.state === 'corrupt') this.#corrupt(schema, keys[index]!, reply.fact);
      }
    }
    if (answered) trust.answered();
    if (cold.length === 0 && !filling) return;
    const rest: Promise<unknown>[] = [];
    if (cold.length > 0) rest.push(this.#loadCold({ schema, keys, query, settle, cold, fills, token }));
    for (const [fill, indexes] of filling ?? []) rest.push(this.#loadAfter(fill, schema, keys, indexes, query, settle));
    await Promise.all(rest);
  }

  /** What the hot tier says. Where it is not trusted with a key, the key counts as being written. */
  async #askHot(schema: Schema, keys: readonly Key[], query: Query, token: string): Promise<readonly HotReply[]> {
    const { hot, trust } = this.#parts;
    if (trust.whole) {
      const replies = await hot.read(schema, keys, query, token);
      return trust.whole ? replies : replies.map((reply, index) => this.#inDoubt(schema, keys[index]!, reply));
    }
    const trusted = keys.filter((key) => trust.of(hot.place(schema, key)));
    const replies = trusted.length > 0 ? await hot.read(schema, trusted, query, token) : [];
    const byKey = new Map(trusted.map((key, at) => [key, this.#inDoubt(schema, key, replies[at]!)]));
    return keys.map((key) => byKey.get(key) ?? BUSY);
  }

  /** What came from a place that has been lost since it was asked may be as old as what it left unanswered. */
  #inDoubt(schema: Schema, key: Key, reply: HotReply): HotReply {
    if (reply.state !== 'value' && reply.state !== 'absent') return reply;
    const { hot, trust } = this.#parts;
    return trust.of(hot.place(schema, key)) ? reply : BUSY;
  }

  #loadCold(load: ColdLoad): Fill {
    const { schema, keys, fills } = load;
    const loading = this.#readAndFill(load);
    if (fills.length > 0)
      this.#parts.fills.add(
        schema,
        fills.map((index) => keys[index]!),
        loading,
      );
    return loading;
  }

  async #readAndFill({ schema, keys, query, settle, cold, fills, token }: ColdLoad): Fill {
    const found = new Map<number, Entry | null>();
    try {
      const entries = await this.durable(
        schema,
        cold.map((index) => keys[index]!),
        undefined,
      );
      cold.forEach((index, at) => {
        const entry = entries[at]!;
        found.set(index, entry);
        settle(
          index,
          undefined,
          entry && query !== undefined ? { ...entry, value: schema.kind.select(schema, entry.value, query) } : entry,
        );
      });
    } catch (error) {
      for (const index of cold) settle(index, error, null);
      return { error };
    }
    const { hot, clock } = this.#parts;
    if (fills.length > 0) {
      const filled = fills.map((index) => [keys[index]!, found.get(index)!] as const);
      await hot.fill(schema, hotEntries(schema, filled, clock), token);
    }
    return undefined;
  }

  /** Asks the hot tier again after a fill of this process; whether it was made, only the hot tier knows. */
  async #loadAfter(
    fill: Fill,
    schema: Schema,
    keys: readonly Key[],
    indexes: readonly number[],
    query: Query,
    settle: Settle,
  ): Promise<void> {
    const failure = await fill;
    if (failure) {
      for (const index of indexes) settle(index, failure.error, null);
      return;
    }
    const some = indexes.map((index) => keys[index]!);
    await this.load(schema, some, query, (at, error, entry) => settle(indexes[at]!, error, entry), true);
  }

  /** Past the hot tier. @throws StoreUnavailableError */
  async durable(schema: Schema, keys: readonly Key[], query: Query): Promise<readonly (Entry | null)[]> {
    const { driver, durableOutage, trust } = this.#parts;
    try {
      const entries = await driver.read(schema, keys, query);
      durableOutage.ok();
      return entries;
    } catch (error) {
      throw unavailable(`Reading ${schema.name}`, error, durableOutage, trust.failures());
    }
  }

  async count(schema: Schema): Promise<number> {
    const { driver, durableOutage } = this.#parts;
    try {
      return await driver.count(schema);
    } catch (error) {
      throw unavailable(`Counting ${schema.name}`, error, durableOutage);
    }
  }

  #corrupt(schema: Schema, key: Key, fact: string): void {
    const { hot, driver, logger } = this.#parts;
    logger.warn(
      `holdfast: the ${hot.name} entry of ${schema.name} ${key.id} could not be read (${fact}); it was dropped and is read from ${driver.name} again.`,
    );
  }
}
