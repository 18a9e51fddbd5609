import { EntityExistsError, EntityNotFoundError, type RepositoryOf, VersionConflictError } from '../../index.js';
import type { QueueEntity } from './entities.js';
import type { HoldfastBackendParts } from './holdfast-backend.js';
import { emptyQueue, type TicketQueue } from './ticket-queue.js';

type Change = (queue: TicketQueue) => void;

/** The queues of a context store, as entities. */
export class HoldfastQueues {
  readonly #queues: RepositoryOf<QueueEntity>;
  readonly #now: () => number;
  /** How long a queue is kept at least, in milliseconds: longer than any turn that begins before the conversation ends. */
  readonly #lifetime: number | undefined;

  constructor({ holdfast, entities, ttl, longestTurn, now }: HoldfastBackendParts) {
    this.#queues = holdfast.repository(entities.queue);
    this.#now = now;
    this.#lifetime = ttl === undefined ? undefined : 2 * (ttl + longestTurn);
  }

  find(key: string): Promise<TicketQueue | undefined> {
    return this.#queues.find(key, { from: 'durable' });
  }

  async *keys(): AsyncIterable<string> {
    for await (const { key } of this.#queues.stream(undefined, { fields: ['version'] })) yield key;
  }

  evict(keys: readonly string[]): Promise<void> {
    return this.#queues.evict(keys);
  }

  async change(key: string, change: Change): Promise<TicketQueue> {
    for (;;) {
      const changed =
        this.#lifetime === undefined ? await this.#update(key, change) : await this.#renew(key, change, this.#lifetime);
      if (changed) return changed;
    }
  }

  /** `undefined` where somebody else made the queue meanwhile. */
  async #update(key: string, change: Change): Promise<TicketQueue | undefined> {
    try {
      return await this.#queues.update(key, change);
    } catch (error) {
      if (error instanceof EntityNotFoundError) return this.#insert(key, change);
      throw error;
    }
  }

  async #insert(key: string, change: Change): Promise<TicketQueue | undefined> {
    const queue = emptyQueue();
    change(queue);
    const lifetime = this.#lifetime;
    const until = lifetime === undefined ? null : this.#now() + lifetime;
    try {
      return await this.#queues.insert(
        { key, ...queue, until },
        lifetime === undefined ? {} : { fallbackTtl: lifetime },
      );
    } catch (error) {
      if (error instanceof EntityExistsError) return undefined;
      throw error;
    }
  }

  // An update keeps the expiry that is there; what may end too soon is saved anew.
  async #renew(key: string, change: Change, lifetime: number): Promise<TicketQueue | undefined> {
    const queue = await this.#queues.find(key, { from: 'durable' });
    if (!queue) return this.#insert(key, change);
    if ((queue.until ?? 0) - this.#now() > lifetime / 2) return this.#update(key, change);
    change(queue);
    try {
      return await this.#queues.save({ ...queue, until: this.#now() + lifetime }, { fallbackTtl: lifetime });
    } catch (error) {
      if (error instanceof VersionConflictError) return undefined;
      throw error;
    }
  }
}
