import type { Document } from 'mongodb';
import { ValidationError } from '../../core/errors.js';
import type { KeyedChange } from '../../core/fallback-driver.js';
import type { CollectionChange, Outcome } from '../../core/kind.js';
import type { Key } from '../../core/schema.js';
import { type Plan, planOf, replacing } from './collection-plan.js';
import type { Collections } from './collections.js';
import { asFault, isTakenKey } from './faults.js';
import { type Head, unchanged } from './heads.js';
import { changedAllTheTime } from './rows.js';
import { beforeTry, CameBetween, triesUntil } from './transactions.js';

type Replace = Extract<Plan, { type: 'replace' }>;
type Touch = Extract<Plan, { type: 'touch' }>;

// What a head can hold of a change that its members have yet to get, with room for the rest of the document.
const MOST_PENDING = 14 * 1024 * 1024;
const LOCAL = { readConcern: { level: 'local' } } as const;

/** Changes of collections without transactions: the head takes a change on, the members follow. */
export class ChangesAlone {
  readonly #collections: Collections;

  constructor(collections: Collections) {
    this.#collections = collections;
  }

  /** One change, without transactions: the head takes it on at once, the members follow. @throws StoreFault */
  async change({ key, change }: KeyedChange): Promise<Outcome> {
    const end = triesUntil(this.#collections.mongo);
    const entity = this.#collections.schema.target.name;
    const { place } = this.#collections.mongo;
    for (let tries = 0; ; tries++) {
      try {
        const head = (await this.#collections.heads.findOne(
          { _id: this.#collections.layout.id(key) } as Document,
          LOCAL,
        )) as Head | null;
        if (head?.pending) await this.#collections.finish(head);
        const plan = await planOf(
          this.#collections.schema,
          this.#collections.found(head, {}),
          change as CollectionChange,
        );
        if (await this.#makeAlone(key, head, plan)) {
          this.#collections.generations.sweep();
          return plan.outcome;
        }
      } catch (error) {
        if (!(error instanceof CameBetween)) throw asFault(place, error, 'committing', entity);
      }
      if (performance.now() > end) throw asFault(place, changedAllTheTime(this.#collections.mongo), 'harmless', entity);
      await beforeTry(tries);
    }
  }

  /** Whether nobody came between. */
  async #makeAlone(key: Key, head: Head | null, plan: Plan): Promise<boolean> {
    switch (plan.type) {
      case 'nothing':
        return true;
      case 'touch':
        return this.#touchAlone(head!, plan);
      case 'replace':
        return this.#replaceAlone(key, head, plan);
      case 'delete': {
        if (!head) return true;
        await this.#collections.generations.note(head.generation, head._id, {});
        const { deletedCount } = await this.#collections.heads.deleteOne(unchanged(head));
        this.#collections.generations.settle(head.generation, head._id);
        return deletedCount > 0;
      }
    }
  }

  async #touchAlone(head: Head, plan: Touch): Promise<boolean> {
    const { put, remove } = plan;
    const { Double } = this.#collections.mongo.mongodb;
    const stored = put.map(({ text, score }) => ({ text, score: new Double(score) as unknown as number }));
    const next: Head = { ...this.#collections.touched(head, plan), pending: { put: stored, remove } };
    this.#checkPending(next);
    const { count, revision, pending } = next;
    const { matchedCount } = await this.#collections.heads.updateOne(unchanged(head), {
      $set: { count, revision, pending },
    });
    if (matchedCount === 0) return false;
    await this.#collections.finish({ ...next, pending: { put, remove } });
    return true;
  }

  async #replaceAlone(key: Key, head: Head | null, plan: Replace): Promise<boolean> {
    const next = this.#collections.next(key, plan);
    await this.#collections.generations.make(next, replacing(plan));
    if (head) await this.#collections.generations.note(head.generation, head._id, {});
    const { _id, ...replacement } = next;
    try {
      await this.#collections.generations.renew(next.generation);
      if (head) return (await this.#collections.heads.replaceOne(unchanged(head), replacement)).matchedCount > 0;
      await this.#collections.heads.insertOne(next as Document);
      return true;
    } catch (error) {
      if (isTakenKey(error)) return false;
      throw error;
    } finally {
      this.#collections.generations.settle(next.generation, _id);
      if (head) this.#collections.generations.settle(head.generation, _id);
    }
  }

  #checkPending(head: Head): void {
    const size = this.#collections.mongo.mongodb.BSON.calculateObjectSize(head as Document);
    if (size > MOST_PENDING)
      throw new ValidationError(
        `A change of ${this.#collections.schema.target.name} takes ${size} bytes, but a MongoDB server without transactions takes at most ${MOST_PENDING} at once; nothing was written. Change fewer members at once, or use a replica set.`,
      );
  }
}
