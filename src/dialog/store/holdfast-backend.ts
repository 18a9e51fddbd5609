import {
  EntityExistsError,
  EntityNotFoundError,
  type HashBatchRepository,
  type Holdfast,
  type ListBatchRepository,
  type ReadOptions,
  type RepositoryOf,
  VersionConflictError,
} from '../../index.js';
import { type Layout, layAll, layEnd, partNumbers } from './archive.js';
import type { Backend, ContextWrite, Head, Stored, User } from './backend.js';
import type { ArchiveEntity, EntitySet, HeadEntity, TurnsEntity } from './entities.js';
import { HoldfastQueues } from './holdfast-queues.js';
import type { TicketQueue } from './ticket-queue.js';
import { TurnExpiredError } from './turn-error.js';

/** What a {@link HoldfastBackend} is made of. */
export interface HoldfastBackendParts {
  readonly holdfast: Holdfast;
  readonly entities: EntitySet;
  /** How long a conversation lasts after its last turn, in milliseconds. */
  readonly ttl: number | undefined;
  /** How many turns a part of the archive has. */
  readonly part: number;
  /** How long a turn may take at most, in milliseconds. */
  readonly longestTurn: number;
  /** Whether the holdfast is closed with the store. */
  readonly own: boolean;
}

/** What is written is made of what the durable store has. */
const DURABLE: ReadOptions = { from: 'durable' };
const DELETED_AT_ONCE = 50;
/** Parts that others may have added while a user is deleted. */
const ADDED_MEANWHILE = 2;

/** Contexts as entities of a holdfast: for each a head, a list of its last turns, an archive of those before, and a queue. */
export class HoldfastBackend implements Backend {
  readonly #parts: HoldfastBackendParts;
  readonly #heads: RepositoryOf<HeadEntity>;
  readonly #turns: RepositoryOf<TurnsEntity>;
  readonly #archive: RepositoryOf<ArchiveEntity>;
  readonly #queues: HoldfastQueues;

  constructor(parts: HoldfastBackendParts) {
    this.#parts = parts;
    const { holdfast, entities } = parts;
    this.#heads = holdfast.repository(entities.head);
    this.#turns = holdfast.repository(entities.turns);
    this.#archive = holdfast.repository(entities.archive);
    this.#queues = new HoldfastQueues(parts);
  }

  async load(key: string, window: number, durable: boolean): Promise<Stored | undefined> {
    const options = durable ? DURABLE : {};
    // Asked for in one tick, they are one round trip.
    const [head, list] = await Promise.all([
      this.#heads.find(key, options),
      this.#turns.range(key, window === Number.POSITIVE_INFINITY ? 0 : -window, -1, options),
    ]);
    if (!head) return undefined;
    const missing = Math.min(window, head.turns) - list.length;
    if (missing <= 0 || head.archived === 0) return { head, items: list };
    return {
      head,
      items: [...(await this.#archived(key, head, head.archived - missing, head.archived - 1, options)), ...list],
    };
  }

  async items(key: string, start: number, stop: number | undefined, durable: boolean): Promise<readonly string[]> {
    const options = durable ? DURABLE : {};
    const head = await this.#heads.find(key, options);
    if (!head) return [];
    const first = Math.max(0, start < 0 ? head.turns + start : start);
    const last = Math.min(stop ?? head.turns - 1, head.turns - 1);
    if (first > last) return [];
    const { archived } = head;
    const [older, newer] = await Promise.all([
      first < archived ? this.#archived(key, head, first, Math.min(last, archived - 1), options) : [],
      last >= archived ? this.#turns.range(key, Math.max(0, first - archived), last - archived, options) : [],
    ]);
    return [...older, ...newer];
  }

  async #archived(key: string, { part }: Head, first: number, last: number, options: ReadOptions): Promise<string[]> {
    const from = Math.floor(first / part);
    const keys = Array.from({ length: Math.floor(last / part) - from + 1 }, (_, at) => ({ key, part: from + at }));
    const found = await this.#archive.findMany(keys, options);
    return found.flatMap((one) => one?.items.split('\n') ?? []).slice(first - from * part, last - from * part + 1);
  }

  async write(write: ContextWrite): Promise<Head> {
    const { queue } = this.#parts.entities;
    const layout = await this.#layout(write);
    const head = layout ? { ...write.head, archived: layout.archived, part: layout.part } : write.head;
    try {
      await this.#writeBatch(write, head, layout).catch((error: unknown) => {
        if (!(error instanceof VersionConflictError && error.entity === queue.name)) throw error;
        // Somebody has come into the queue since it was seen.
        this.#queues.crowd(write.key);
        return this.#writeBatch(write, head, layout);
      });
      return head;
    } catch (error) {
      if (error instanceof EntityNotFoundError && error.entity === queue.name)
        throw new TurnExpiredError(head.user, 'was not waited for any more, because the user was deleted');
      if (
        error instanceof EntityExistsError ||
        error instanceof EntityNotFoundError ||
        error instanceof VersionConflictError
      )
        throw new VersionConflictError('Context', head.user, head.version - 1);
      throw error;
    }
  }

  async #writeBatch(write: ContextWrite, head: Head, layout: Layout | undefined): Promise<void> {
    const { key, queue } = write;
    const { entities, holdfast } = this.#parts;
    let changed = () => {};
    await holdfast.batch((batch) => {
      this.#writeHead(batch.repository(entities.head), key, head, write.before);
      if (layout) this.#writeTurns(batch.repository(entities.turns), batch.repository(entities.archive), key, layout);
      if (queue) changed = this.#queues.changeIn(batch.repository(entities.queue), key, queue);
    });
    changed();
    const gone = layout?.gone.map((part) => ({ key, part })) ?? [];
    if (gone.length > 0) await this.#archive.evict(gone);
  }

  async #layout({ key, turns, before }: ContextWrite): Promise<Layout | undefined> {
    const { part } = this.#parts;
    if (!turns) return undefined;
    if ('all' in turns) return layAll(turns.all, part, before);
    const inList = before!.turns - before!.archived;
    if (turns.drop <= inList && (before!.archived === 0 || before!.part === part))
      return layEnd(turns, before!, part, () => this.#turns.range(key, 0, -1, DURABLE));
    // More is taken from the end than the list has, or the archive has parts of another size.
    const kept = before!.turns - turns.drop;
    const items = kept === 0 ? [] : await this.items(key, 0, kept - 1, true);
    return layAll([...items, ...turns.push], part, before);
  }

  #writeHead(heads: HashBatchRepository<HeadEntity>, key: string, head: Head, before: Head | undefined): void {
    const { ttl } = this.#parts;
    const version = head.version - 1;
    const options = ttl === undefined ? {} : { fallbackTtl: ttl };
    if (!before) heads.insert({ key, ...head, version }, options);
    // A patch keeps the expiry that is there.
    else if (ttl !== undefined || head.turnsUntil !== before.turnsUntil) heads.save({ key, ...head, version }, options);
    else {
      const changed = Object.entries(head).filter(([name, value]) => value !== before[name as keyof Head]);
      heads.update(key, { ...Object.fromEntries(changed), version });
    }
  }

  #writeTurns(
    turns: ListBatchRepository<TurnsEntity>,
    archive: HashBatchRepository<ArchiveEntity>,
    key: string,
    { parts, gone, list }: Layout,
  ): void {
    const { ttl } = this.#parts;
    const options = ttl === undefined ? {} : { fallbackTtl: 2 * ttl };
    for (const [part, items] of parts) archive.save({ key, part, items: items.join('\n') }, options);
    for (const part of gone) archive.delete({ key, part });
    if (!list) return;
    if ('all' in list) {
      if (list.all.length === 0) turns.delete(key);
      else turns.save({ key, items: [...list.all] }, options);
      return;
    }
    for (let at = 0; at < list.drop; at++) turns.pop(key);
    if (list.push.length > 0) turns.push(key, ...list.push);
  }

  async remove(keys: readonly string[]): Promise<void> {
    const { entities, holdfast } = this.#parts;
    for (let at = 0; at < keys.length; at += DELETED_AT_ONCE) {
      const some = keys.slice(at, at + DELETED_AT_ONCE);
      const heads = await this.#heads.findMany(some, DURABLE);
      const parts = some.flatMap((key, index) => {
        const last = partNumbers(heads[index]).length + (heads[index]?.archived ? ADDED_MEANWHILE : 0);
        return Array.from({ length: last }, (_, part) => ({ key, part }));
      });
      await holdfast.batch((batch) => {
        batch.repository(entities.head).delete(some);
        batch.repository(entities.turns).delete(some);
        batch.repository(entities.archive).delete(parts);
        batch.repository(entities.queue).delete(some);
      });
      // Not even that it is not there is remembered of a user.
      await Promise.all([
        this.#heads.evict(some),
        this.#turns.evict(some),
        this.#archive.evict(parts),
        this.#queues.evict(some),
      ]);
    }
  }

  exists(key: string): Promise<boolean> {
    return this.#heads.exists(key);
  }

  count(): Promise<number> {
    return this.#heads.count();
  }

  users(): AsyncIterable<User> {
    return this.#heads.stream(undefined, { fields: ['user'] });
  }

  queues(): AsyncIterable<string> {
    return this.#queues.keys();
  }

  queue(key: string): Promise<TicketQueue | undefined> {
    return this.#queues.find(key);
  }

  changeQueue(key: string, change: (queue: TicketQueue) => void): Promise<TicketQueue> {
    return this.#queues.change(key, change);
  }

  async close(): Promise<void> {
    if (this.#parts.own) await this.#parts.holdfast.close();
  }
}
