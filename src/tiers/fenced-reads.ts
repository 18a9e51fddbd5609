import { byQuery } from '../core/by-query.js';
import { getOrMake } from '../core/get-or-make.js';
import type { HotReply } from '../core/hot-store.js';
import type { Entry, Query } from '../core/kind.js';
import type { Key, Schema } from '../core/schema.js';
import type { FencedParts } from './fenced-parts.js';
import type { Fill } from './fills.js';
import { hotEntry } from './hot-entry.js';
import type { Settle } from './store.js';
import { unavailable } from './unavailable.js';

const BUSY: HotReply = { state: 'busy' };

/** What of a load the hot tier did not answer; indexes are of `keys`. */
interface ColdLoad {
  readonly schema: Schema;
  readonly keys: readonly Key[];
  readonly queries: readonly Query[] | undefined;
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
  async load(
    schema: Schema,
    keys: readonly Key[],
    queries: readonly Query[] | undefined,
    settle: Settle,
    again = false,
  ): Promise<void> {
    const { trust } = this.#parts;
    const token = this.#parts.token();
    const replies = await this.#askHot(schema, keys, queries, token);
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
    if (cold.length > 0) rest.push(this.#loadCold({ schema, keys, queries, settle, cold, fills, token }));
    for (const [fill, indexes] of filling ?? [])
      rest.push(this.#loadAfter(fill, { schema, keys, queries, settle, cold: indexes }));
    await Promise.all(rest);
  }

  /** What the hot tier says. Where it is not trusted with a key, the key counts as being written. */
  async #askHot(
    schema: Schema,
    keys: readonly Key[],
    queries: readonly Query[] | undefined,
    token: string,
  ): Promise<readonly HotReply[]> {
    const { hot, trust } = this.#parts;
    if (trust.whole) {
      const replies = await hot.read(schema, keys, queries, token);
      return trust.whole ? replies : replies.map((reply, index) => this.#inDoubt(schema, keys[index]!, reply));
    }
    const trusted = indexesOf(keys, (key) => trust.of(hot.place(schema, key)));
    const replies = new Array<HotReply>(keys.length).fill(BUSY);
    if (trusted.length === 0) return replies;
    const some = trusted.map((index) => keys[index]!);
    const asked = queries && trusted.map((index) => queries[index]);
    const answers = await hot.read(schema, some, asked, token);
    trusted.forEach((index, at) => {
      replies[index] = this.#inDoubt(schema, keys[index]!, answers[at]!);
    });
    return replies;
  }

  /** What came from a place that has been lost since it was asked may be as old as what it left unanswered. */
  #inDoubt(schema: Schema, key: Key, reply: HotReply): HotReply {
    if (reply.state !== 'value' && reply.state !== 'absent') return reply;
    const { hot, trust } = this.#parts;
    return trust.of(hot.place(schema, key)) ? reply : BUSY;
  }

  #loadCold(load: ColdLoad): Fill {
    const { schema, keys, queries, fills } = load;
    // Who asks for a part of a collection does not wait for it to be warm, nor do others.
    if (schema.kind.structure && queries) return this.#readParts(load);
    const loading = this.#readAndFill(load);
    if (fills.length > 0)
      this.#parts.fills.add(
        schema,
        fills.map((index) => keys[index]!),
        loading,
      );
    return loading;
  }

  /** Asks the durable store for no more than was asked for, and warms what is cold behind the readers' backs. */
  async #readParts({ schema, keys, queries, settle, cold, fills, token }: ColdLoad): Fill {
    const { hot, clock, warming } = this.#parts;
    const some = cold.map((index) => keys[index]!);
    const asked = cold.map((index) => queries![index]);
    const found = new Map<string, Entry | null>();
    const failed = new Set<string>();
    await Promise.all(
      byQuery(some, asked).map(async ({ query, keys: same, indexes }) => {
        const settled = (at: number, error: unknown, entry: Entry | null) =>
          settle(cold[indexes?.[at] ?? at]!, error, entry);
        try {
          const entries = await this.durable(schema, same, query);
          entries.forEach((entry, at) => {
            settled(at, undefined, entry);
            if (query === undefined || entry === null) found.set(same[at]!.id, entry);
          });
        } catch (error) {
          for (let at = 0; at < same.length; at++) {
            settled(at, error, null);
            failed.add(same[at]!.id);
          }
        }
      }),
    );
    const own = new Map(fills.map((index) => [keys[index]!.id, keys[index]!]));
    const whole = [...own.values()].filter(({ id }) => found.has(id));
    if (whole.length > 0)
      await hot.fill(
        schema,
        whole.map((key) => hotEntry(schema, key, found.get(key.id)!, clock)),
        token,
      );
    for (const key of own.values()) if (!found.has(key.id) && !failed.has(key.id)) warming.start(schema, key, token);
    return undefined;
  }

  async #readAndFill({ schema, keys, queries, settle, cold, fills, token }: ColdLoad): Fill {
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
        const query = queries?.[index];
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
      const filled = fills.map((index) => hotEntry(schema, keys[index]!, found.get(index)!, clock));
      await hot.fill(schema, filled, token);
    }
    return undefined;
  }

  /** Asks the hot tier again after a fill of this process; whether it was made, only the hot tier knows. */
  async #loadAfter(
    fill: Fill,
    { schema, keys, queries, settle, cold: indexes }: Omit<ColdLoad, 'fills' | 'token'>,
  ): Promise<void> {
    const failure = await fill;
    if (failure) {
      for (const index of indexes) settle(index, failure.error, null);
      return;
    }
    const some = indexes.map((index) => keys[index]!);
    const asked = queries && indexes.map((index) => queries[index]);
    await this.load(schema, some, asked, (at, error, entry) => settle(indexes[at]!, error, entry), true);
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

const indexesOf = <T>(items: readonly T[], passes: (item: T) => boolean): number[] =>
  items.flatMap((item, index) => (passes(item) ? [index] : []));
