import type { StoreFault } from '../../core/fallback-driver.js';
import { type ClusterClient, hearTrouble, type RedisClient, type Trouble, watchConnection } from './client.js';
import { notConnected, notSent, redisFault, replyCode } from './fault.js';
import { inTime } from './in-time.js';
import { Lane } from './lane.js';
import type { Answer, Places, RedisLink, Watcher } from './link.js';
import type { ScriptCall } from './script.js';
import { scanServer } from './single.js';
import { SLOTS, slotOf } from './slot.js';

// Asking for the slots again is no use before an election can have changed them.
const REFRESH_AFTER = 100;

// One node that does not answer keeps the answers of the others waiting for so long.
const PROBE_TIME = 500;

// Enough to meet, by chance, even a node that has one slot.
const MOST_PROBES = 16 * SLOTS;

const NOBODY = 'nobody';

/**
 * A Redis Cluster. Commands go to the master of their slot by way of its own connection, never by a redirect to a node that is
 * only taking the slot over: it may hold what is left of an earlier, abandoned try.
 */
export class ClusterLink implements RedisLink {
  readonly cluster = true;
  readonly database = 0;
  readonly address: string;
  readonly keyPrefix: string;
  readonly #client: ClusterClient;
  readonly #owned: boolean;
  readonly #lanes = new WeakMap<RedisClient, Lane>();
  readonly #watchers = new Set<Watcher>();
  readonly #watched = new Map<RedisClient, () => void>();
  readonly #trouble: Trouble;
  #refreshing: Promise<void> | undefined;
  #refreshed = 0;
  #closed = false;

  constructor(client: ClusterClient, address: string, owned: boolean) {
    this.#client = client;
    this.address = address;
    this.#owned = owned;
    this.keyPrefix = client.options.keyPrefix ?? '';
    this.#trouble = hearTrouble(client);
  }

  refusal(): StoreFault | undefined {
    if (this.#closed) return notSent(this.address, 'the connection was closed.');
    const { status } = this.#client;
    return status === 'ready' ? undefined : notConnected(this.address, status, this.#trouble.last);
  }

  async run(calls: readonly ScriptCall[]): Promise<readonly Answer[]> {
    const answers = await this.#send(calls);
    const moved = calls.flatMap((_, index) => (answers[index]!.moved ? [index] : []));
    if (moved.length === 0) return answers;
    await this.#refresh(0);
    const again = await this.#send(moved.map((index) => calls[index]!));
    moved.forEach((index, at) => {
      answers[index] = again[at]!;
    });
    return answers;
  }

  async *scan(pattern: string): AsyncIterable<readonly string[]> {
    await this.#refresh();
    // A scan that left out a master which cannot be reached would say that its keys do not exist.
    const nodes = this.#nodes();
    const lanes = new Set(Array.from({ length: SLOTS }, (_, slot) => this.#lane(slot, nodes)));
    for (const lane of lanes) yield* scanServer(lane, this.keyPrefix, pattern);
  }

  place(key: string): string {
    return this.#master(slotOf(this.keyPrefix + key)) ?? NOBODY;
  }

  async places(probe: (index: number) => ScriptCall): Promise<Places> {
    void this.#refresh();
    const nodes = this.#nodes();
    const asked = [...this.#probes(probe)].map(async ([place, call]) => {
      try {
        const lane = this.#lane(slotOf(this.keyPrefix + call.keys[0]!), nodes);
        const [answer] = await inTime(lane.send([this.#prefixed(call, lane.client)]), PROBE_TIME);
        return [place, answer!.fault] as const;
      } catch (error) {
        return [place, redisFault(place, error)] as const;
      }
    });
    return new Map(await Promise.all(asked));
  }

  watch(heard: Watcher): () => void {
    this.#watchers.add(heard);
    return () => void this.#watchers.delete(heard);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const unwatch of this.#watched.values()) unwatch();
    this.#watched.clear();
    if (this.#owned) this.#client.disconnect();
    else this.#trouble.end();
  }

  async #send(calls: readonly ScriptCall[]): Promise<(Answer & { moved?: boolean })[]> {
    const answers = new Array<Answer & { moved?: boolean }>(calls.length);
    const nodes = this.#nodes();
    const groups = new Map<Lane, number[]>();
    calls.forEach((call, index) => {
      try {
        const lane = this.#lane(slotOf(this.keyPrefix + call.keys[0]!), nodes);
        const group = groups.get(lane);
        if (group) group.push(index);
        else groups.set(lane, [index]);
      } catch (error) {
        answers[index] = { fault: error as StoreFault };
      }
    });
    await Promise.all(
      [...groups].map(async ([lane, indexes]) => {
        const replies = await lane.send(indexes.map((index) => this.#prefixed(calls[index]!, lane.client)));
        indexes.forEach((index, at) => {
          const answer = replies[at]!;
          answers[index] = answer;
          if (!answer.fault) return;
          if (replyCode(answer.fault.cause) === 'MOVED') answers[index] = { ...answer, moved: true };
          else void this.#refresh();
        });
      }),
    );
    return answers;
  }

  /** The cluster's `keyPrefix` is put before the keys by ioredis only where a command goes by way of the cluster. */
  #prefixed(call: ScriptCall, node: RedisClient): ScriptCall {
    if (this.keyPrefix === '' || node.options.keyPrefix) return call;
    return { ...call, keys: call.keys.map((key) => this.keyPrefix + key) };
  }

  /** For each place a probe that lies there. */
  #probes(probe: (index: number) => ScriptCall): ReadonlyMap<string, ScriptCall> {
    const wanted = new Set(Array.from({ length: SLOTS }, (_, slot) => this.#master(slot) ?? NOBODY));
    const calls = new Map<string, ScriptCall>();
    // A prefix with braces of its own puts all keys into one slot.
    const alone = slotOf(`${this.keyPrefix}{0}`) === slotOf(`${this.keyPrefix}{1}`);
    for (let index = 0; index < (alone ? 1 : MOST_PROBES) && calls.size < wanted.size; index++) {
      const call = probe(index);
      const place = this.place(call.keys[0]!);
      if (!calls.has(place)) calls.set(place, call);
    }
    return calls;
  }

  #master(slot: number): string | undefined {
    return this.#client.slots[slot]?.[0];
  }

  #nodes(): ReadonlyMap<string, RedisClient> {
    return new Map((this.#client.nodes() as RedisClient[]).map((node) => [addressOf(node), node]));
  }

  /** The lane to the master of a slot. @throws StoreFault where there is none */
  #lane(slot: number, nodes: ReadonlyMap<string, RedisClient>): Lane {
    const refusal = this.refusal();
    if (refusal) throw refusal;
    const address = this.#master(slot);
    const client = address === undefined ? undefined : nodes.get(address);
    if (address === undefined || client === undefined) {
      void this.#refresh();
      if (address === undefined) throw notSent(this.address, `no node is known to serve slot ${slot}.`);
      throw notSent(address, `not connected; it serves slot ${slot}.`);
    }
    let lane = this.#lanes.get(client);
    if (!lane) {
      lane = new Lane({ client, address, owned: this.#owned, node: true });
      this.#lanes.set(client, lane);
      this.#watch(client, address, nodes);
    }
    return lane;
  }

  /** Of nodes that are gone nothing more is heard. */
  #watch(client: RedisClient, address: string, nodes: ReadonlyMap<string, RedisClient>): void {
    const there = new Set(nodes.values());
    for (const [node, unwatch] of this.#watched) {
      if (there.has(node)) continue;
      unwatch();
      this.#watched.delete(node);
    }
    const unwatch = watchConnection(client, (connected) => {
      for (const heard of this.#watchers) heard(address, connected);
    });
    this.#watched.set(client, unwatch);
  }

  /** Learns anew who serves which slot. */
  #refresh(after = REFRESH_AFTER): Promise<void> {
    if (this.#refreshing) return this.#refreshing;
    if (this.#closed || performance.now() - this.#refreshed < after) return Promise.resolve();
    this.#refreshing = new Promise((resolve) => {
      this.#client.refreshSlotsCache(() => {
        this.#refreshing = undefined;
        this.#refreshed = performance.now();
        resolve();
      });
    });
    return this.#refreshing;
  }
}

const addressOf = ({ options }: RedisClient): string => `${options.host}:${options.port}`;
