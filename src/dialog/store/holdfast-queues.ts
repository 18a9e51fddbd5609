import {
  EntityExistsError,
  EntityNotFoundError,
  type HashBatchRepository,
  type RepositoryOf,
  VersionConflictError,
} from '../../index.js';
import type { QueueEntity } from './entities.js';
import type { HoldfastBackendParts } from './holdfast-backend.js';
import { emptyQueue, type TicketQueue } from './ticket-queue.js';

type Change = (queue: TicketQueue) => void;

/** Of so many users, those that came last, the queue is remembered as it was seen last. */
const REMEMBERED = 1_000;
/** So many changes of a queue are made where it lies, after somebody was there first. */
const CROWDED = 20;

interface Seen {
  readonly queue: QueueEntity;
  /** How many of its next changes are made where it lies. */
  crowded: number;
}

/** The queues of a context store, as entities. */
export class HoldfastQueues {
  readonly #queues: RepositoryOf<QueueEntity>;
  /** A queue is kept longer than any turn that begins before the conversation ends. */
  readonly #lasting: { readonly fallbackTtl?: number };
  readonly #seen = new Map<string, Seen>();

  constructor({ holdfast, entities, ttl, longestTurn }: HoldfastBackendParts) {
    this.#queues = holdfast.repository(entities.queue);
    this.#lasting = ttl === undefined ? {} : { fallbackTtl: 2 * (ttl + longestTurn) };
  }

  async find(key: string): Promise<QueueEntity | undefined> {
    const queue = await this.#queues.find(key, { from: 'durable' });
    if (queue) this.#remember(queue);
    return queue;
  }

  async *keys(): AsyncIterable<string> {
    for await (const { key } of this.#queues.stream(undefined, { fields: ['version'] })) yield key;
  }

  async evict(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#seen.delete(key);
    await this.#queues.evict(keys);
  }

  /**
   * Changes a queue, and makes it where there is none: by a look at it and a write where nobody wrote meanwhile, or where several write, where it
   * lies, which takes a transaction and no second try.
   */
  async change(key: string, change: Change): Promise<TicketQueue> {
    for (;;) {
      try {
        if (this.#isCrowded(key)) return this.#remember(await this.#queues.update(key, change));
        const queue = (await this.find(key)) ?? { key, version: 0, ...emptyQueue() };
        change(queue);
        const write = queue.version === 0 ? 'insert' : 'save';
        return this.#remember(await this.#queues[write](queue, this.#lasting));
      } catch (error) {
        if (error instanceof EntityNotFoundError) this.#seen.delete(key);
        else if (error instanceof VersionConflictError) this.crowd(key);
        else if (!(error instanceof EntityExistsError)) throw error;
      }
    }
  }

  /**
   * Changes a queue that is there in a batch: as it was seen last, which is a write of one row, or where that is not known or several write, where it
   * lies. What it returns is to be called when the batch is done.
   */
  changeIn(batch: HashBatchRepository<QueueEntity>, key: string, change: Change): () => void {
    const seen = this.#isCrowded(key) ? undefined : this.#seen.get(key);
    const queue = seen && structuredClone({ ...seen.queue });
    try {
      if (queue) {
        change(queue);
        batch.save(queue, this.#lasting);
        return () => void this.#remember({ ...queue, version: queue.version + 1 });
      }
    } catch {
      // Nothing to it where what was seen is not what is there.
    }
    let changed: QueueEntity | undefined;
    batch.update(key, (found) => {
      change(found);
      changed = { ...found };
    });
    return () => void (changed && this.#remember({ ...changed, version: changed.version + 1 }));
  }

  /** Notes that somebody was there first. */
  crowd(key: string): void {
    const seen = this.#seen.get(key);
    if (seen) seen.crowded = CROWDED;
  }

  #isCrowded(key: string): boolean {
    const seen = this.#seen.get(key);
    return seen !== undefined && seen.crowded > 0 && seen.crowded-- > 0;
  }

  #remember(queue: QueueEntity): QueueEntity {
    const { key } = queue;
    const crowded = this.#seen.get(key)?.crowded ?? 0;
    this.#seen.delete(key);
    this.#seen.set(key, { queue: { ...queue, tickets: structuredClone(queue.tickets) }, crowded });
    if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.keys().next().value!);
    return queue;
  }
}
