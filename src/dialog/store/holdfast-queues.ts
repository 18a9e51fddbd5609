import { EntityExistsError, type HashBatchRepository, type RepositoryOf, VersionConflictError } from '../../index.js';
import type { QueueEntity } from './entities.js';
import type { HoldfastBackendParts } from './holdfast-backend.js';
import { emptyQueue, type TicketQueue } from './ticket-queue.js';

type Change = (queue: TicketQueue) => void;

/** So many times a queue is looked at and written where nobody else wrote it meanwhile, before it is changed where it lies. */
const TRIES = 3;
/** Of so many users, those that came last, the queue is remembered as it was seen last. */
const REMEMBERED = 1_000;

/** The queues of a context store, as entities. */
export class HoldfastQueues {
  readonly #queues: RepositoryOf<QueueEntity>;
  /** A queue is kept longer than any turn that begins before the conversation ends. */
  readonly #lasting: { readonly fallbackTtl?: number };
  readonly #seen = new Map<string, QueueEntity>();

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

  /** Changes a queue, and makes it where there is none. */
  async change(key: string, change: Change): Promise<TicketQueue> {
    for (let tries = 1; ; tries++) {
      const queue = (await this.find(key)) ?? { key, version: 0, ...emptyQueue() };
      try {
        if (tries > TRIES && queue.version > 0) return this.#remember(await this.#queues.update(key, change));
        change(queue);
        const write = queue.version === 0 ? 'insert' : 'save';
        return this.#remember(await this.#queues[write](queue, this.#lasting));
      } catch (error) {
        if (!(error instanceof EntityExistsError || error instanceof VersionConflictError)) throw error;
      }
    }
  }

  /**
   * Changes a queue that is there in a batch: as it was seen last, which is a write of one row, or where that was refused already, or is not known,
   * where it lies. What it returns is to be called when the batch is done.
   */
  changeIn(batch: HashBatchRepository<QueueEntity>, key: string, change: Change, again: boolean): () => void {
    const seen = again ? undefined : this.#seen.get(key);
    const queue = seen && structuredClone({ ...seen });
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

  #remember(queue: QueueEntity): QueueEntity {
    const { key } = queue;
    this.#seen.delete(key);
    this.#seen.set(key, { ...queue, tickets: structuredClone(queue.tickets) });
    if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.keys().next().value!);
    return queue;
  }
}
