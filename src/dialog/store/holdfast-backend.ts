import {
  EntityExistsError,
  EntityNotFoundError,
  type Holdfast,
  type RepositoryOf,
  VersionConflictError,
} from '../../index.js';
import type { Backend, ContextWrite, Head, Stored, User } from './backend.js';
import type { EntitySet, HeadEntity, QueueEntity, TurnsEntity } from './entities.js';
import { emptyQueue, type TicketQueue } from './ticket-queue.js';
import { TurnExpiredError } from './turn-error.js';

/** What a {@link HoldfastBackend} is made of. */
export interface HoldfastBackendParts {
  readonly holdfast: Holdfast;
  readonly entities: EntitySet;
  /** How long a conversation lasts after its last turn, in milliseconds. */
  readonly ttl: number | undefined;
  /** How long a turn may take at most, in milliseconds. */
  readonly longestTurn: number;
  readonly now: () => number;
  /** Whether the holdfast is closed with the store. */
  readonly own: boolean;
}

const DELETED_AT_ONCE = 100;

/** Contexts as entities of a holdfast: a head, a list of turns and a queue for each. */
export class HoldfastBackend implements Backend {
  readonly #parts: HoldfastBackendParts;
  readonly #heads: RepositoryOf<HeadEntity>;
  readonly #turns: RepositoryOf<TurnsEntity>;
  readonly #queues: RepositoryOf<QueueEntity>;

  constructor(parts: HoldfastBackendParts) {
    this.#parts = parts;
    const { holdfast, entities } = parts;
    this.#heads = holdfast.repository(entities.head);
    this.#turns = holdfast.repository(entities.turns);
    this.#queues = holdfast.repository(entities.queue);
  }

  async load(key: string, window: number, durable: boolean): Promise<Stored | undefined> {
    const options = durable ? ({ from: 'durable' } as const) : {};
    // Asked for in one tick, they are one round trip.
    const [head, items] = await Promise.all([
      this.#heads.find(key, options),
      this.#turns.range(key, window === Number.POSITIVE_INFINITY ? 0 : -window, -1, options),
    ]);
    return head && { head, items };
  }

  items(key: string, start: number, stop: number): Promise<readonly string[]> {
    return this.#turns.range(key, start, stop);
  }

  async write(write: ContextWrite): Promise<void> {
    const { key, head, queue } = write;
    const { entities, holdfast } = this.#parts;
    try {
      await holdfast.batch((batch) => {
        this.#writeHead(batch.repository(entities.head), write);
        this.#writeTurns(batch.repository(entities.turns), write);
        if (queue) batch.repository(entities.queue).update(key, queue);
      });
    } catch (error) {
      if (error instanceof EntityNotFoundError && error.entity === entities.queue.name)
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

  #writeHead(
    heads: { insert: RecordSave; save: RecordSave; update(key: string, patch: Partial<Head>): void },
    { key, head, changed }: ContextWrite,
  ): void {
    const { ttl } = this.#parts;
    const before = head.version - 1;
    const entity = { key, ...head, version: before };
    const options = ttl === undefined ? {} : { fallbackTtl: ttl };
    if (before === 0) heads.insert(entity, options);
    // A patch keeps the expiry that is there.
    else if (ttl !== undefined || changed.includes('turnsUntil')) heads.save(entity, options);
    else heads.update(key, { ...Object.fromEntries(changed.map((name) => [name, head[name]])), version: before });
  }

  #writeTurns(
    turns: {
      save(entity: TurnsEntity, options: { fallbackTtl?: number }): void;
      delete(key: string): void;
      pop(key: string): void;
      push(key: string, ...items: string[]): void;
    },
    { key, turns: change }: ContextWrite,
  ): void {
    const { ttl } = this.#parts;
    if (!change) return;
    if ('all' in change) {
      if (change.all.length === 0) turns.delete(key);
      else turns.save({ key, items: [...change.all] }, ttl === undefined ? {} : { fallbackTtl: 2 * ttl });
      return;
    }
    for (let at = 0; at < change.drop; at++) turns.pop(key);
    if (change.push.length > 0) turns.push(key, ...change.push);
  }

  async remove(keys: readonly string[]): Promise<void> {
    const { entities, holdfast } = this.#parts;
    for (let at = 0; at < keys.length; at += DELETED_AT_ONCE) {
      const some = keys.slice(at, at + DELETED_AT_ONCE);
      await holdfast.batch((batch) => {
        batch.repository(entities.head).delete(some);
        batch.repository(entities.turns).delete(some);
        batch.repository(entities.queue).delete(some);
      });
      // Not even that it is not there is remembered of a user.
      await Promise.all([this.#heads.evict(some), this.#turns.evict(some), this.#queues.evict(some)]);
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

  async *queues(): AsyncIterable<string> {
    for await (const { key } of this.#queues.stream(undefined, { fields: ['version'] })) yield key;
  }

  queue(key: string): Promise<TicketQueue | undefined> {
    return this.#queues.find(key, { from: 'durable' });
  }

  async changeQueue(key: string, change: (queue: TicketQueue) => void): Promise<TicketQueue> {
    for (;;) {
      const changed = this.#lifetime === undefined ? await this.#update(key, change) : await this.#renew(key, change);
      if (changed) return changed;
    }
  }

  /** How long a queue is kept at least, in milliseconds: longer than any turn that begins before the conversation ends. */
  get #lifetime(): number | undefined {
    const { ttl, longestTurn } = this.#parts;
    return ttl === undefined ? undefined : 2 * (ttl + longestTurn);
  }

  /** `undefined` where somebody else made the queue meanwhile. */
  async #update(key: string, change: (queue: TicketQueue) => void): Promise<TicketQueue | undefined> {
    try {
      return await this.#queues.update(key, change);
    } catch (error) {
      if (error instanceof EntityNotFoundError) return this.#insert(key, change);
      throw error;
    }
  }

  async #insert(key: string, change: (queue: TicketQueue) => void): Promise<TicketQueue | undefined> {
    const queue = emptyQueue();
    change(queue);
    const until = this.#lifetime === undefined ? null : this.#parts.now() + this.#lifetime;
    try {
      return await this.#queues.insert(
        { key, ...queue, until },
        this.#lifetime === undefined ? {} : { fallbackTtl: this.#lifetime },
      );
    } catch (error) {
      if (error instanceof EntityExistsError) return undefined;
      throw error;
    }
  }

  // An update keeps the expiry that is there; what may end too soon is saved anew.
  async #renew(key: string, change: (queue: TicketQueue) => void): Promise<TicketQueue | undefined> {
    const queue = await this.#queues.find(key, { from: 'durable' });
    if (!queue) return this.#insert(key, change);
    const { now } = this.#parts;
    if ((queue.until ?? 0) - now() > this.#lifetime! / 2) return this.#update(key, change);
    change(queue);
    try {
      return await this.#queues.save({ ...queue, until: now() + this.#lifetime! }, { fallbackTtl: this.#lifetime! });
    } catch (error) {
      if (error instanceof VersionConflictError) return undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.#parts.own) await this.#parts.holdfast.close();
  }
}

type RecordSave = (entity: HeadEntity, options: { fallbackTtl?: number }) => void;
