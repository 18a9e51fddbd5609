import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.js';
import { type Answer, type CollectionQuery, MEMBERS_AT_ONCE, type Member, valueOfMembers } from '../core/collection.js';
import type { FallbackDriver } from '../core/fallback-driver.js';
import type { HotStore } from '../core/hot-store.js';
import type { Entry } from '../core/kind.js';
import { Members } from '../core/members.js';
import type { Key, Schema } from '../core/schema.js';
import { hotEntry } from './hot-entry.js';

export interface WarmingOptions {
  readonly hot: HotStore;
  readonly driver: FallbackDriver;
  readonly clock: Clock;
  /** Keeps what is under way counted until it ends. */
  readonly track: (work: Promise<unknown>) => void;
}

// Collections of more than one page that are warmed at once: their pages take turns with everybody else's reads.
const MOST_LARGE = 2;
// One that is written more often than it can be read through is not tried again for so many milliseconds.
const PAUSE = 30_000;

/**
 * Makes collections hot of which only a part was asked for: reads them through in pages, in the background, and fills them as a
 * whole, where nobody wrote them meanwhile.
 */
export class Warming {
  readonly #options: WarmingOptions;
  readonly #given = new LRUCache<string, true>({ max: 10_000, ttl: PAUSE });
  #large = 0;
  #closed = false;

  constructor(options: WarmingOptions) {
    this.#options = options;
  }

  /** Warms a cold collection, which `token` gives the right to fill. Never throws. */
  start(schema: Schema, key: Key, token: string): void {
    const name = `${schema.name} ${key.id}`;
    if (this.#closed || this.#given.has(name)) return;
    const warmed = this.#warm(schema, key, token).then(
      (whole) => {
        if (!whole) this.#given.set(name, true);
      },
      // The readers have been answered; the next one tries again.
      () => {},
    );
    this.#options.track(warmed);
  }

  /** Ends what is under way at its next page. */
  close(): void {
    this.#closed = true;
  }

  /** False where it was given up. */
  async #warm(schema: Schema, key: Key, token: string): Promise<boolean> {
    const { hot, clock } = this.#options;
    const first = await this.#page(schema, key, '');
    const { next, members } = answerOf(first);
    if (next === undefined) {
      const entry = first && { ...first, value: valueOfMembers(Members.of(schema.kind.structure!, members)) };
      await hot.fill(schema, [hotEntry(schema, key, entry, clock)], token);
      return true;
    }
    if (this.#large >= MOST_LARGE) return true;
    this.#large++;
    try {
      return await this.#stageAll(schema, key, token, first!);
    } finally {
      this.#large--;
    }
  }

  async #stageAll(schema: Schema, key: Key, token: string, first: Entry): Promise<boolean> {
    const { hot, clock } = this.#options;
    let page: Entry | null = first;
    for (;;) {
      const { members, next }: Pick<Answer, 'members' | 'next'> = answerOf(page);
      if (this.#closed || (await hot.stage(schema, key, members, token)) !== true) return false;
      if (next === undefined) break;
      page = await this.#page(schema, key, next);
    }
    // It has gone while it was read.
    if (page === null) return false;
    const entry = hotEntry(schema, key, { ...page, value: undefined }, clock);
    await hot.fill(schema, [{ ...entry, staged: true }], token);
    return true;
  }

  async #page(schema: Schema, key: Key, after: string): Promise<Entry | null> {
    const query: CollectionQuery = {
      id: `scan ${MEMBERS_AT_ONCE} ${after}`,
      type: 'scan',
      after,
      limit: MEMBERS_AT_ONCE,
    };
    const [entry] = await this.#options.driver.read(schema, [key], query);
    return entry!;
  }
}

const answerOf = (entry: Entry | null): { readonly members: readonly Member[]; readonly next?: string | undefined } =>
  entry ? (entry.value as Answer) : { members: [] };
