import type { ClientSession, Document } from 'mongodb';
import { membersOf } from '../../core/collection.js';
import type { KeyedChange } from '../../core/fallback-driver.js';
import type { CollectionChange, Outcome } from '../../core/kind.js';
import type { Key } from '../../core/schema.js';
import { type Plan, planOf, replacing } from './collection-plan.js';
import type { Collections } from './collections.js';
import type { Head } from './heads.js';
import { CameBetween } from './transactions.js';

// So many members are written, or deleted, within a transaction; more of them before it, and after.
const FEW = 1_000;

/** Writes that others must not come between go by this. */
export interface Writing {
  readonly session: ClientSession;
  /** Generations that the transaction has left without a head, to be looked after when it is committed. */
  readonly left: Head[];
  /** What was put in place before it, by the change that it is for. */
  readonly prepared: ReadonlyMap<KeyedChange, Head>;
}

/** Changes of collections within transactions. */
export class ChangesWithin {
  readonly #collections: Collections;

  constructor(collections: Collections) {
    this.#collections = collections;
  }

  /** One change, in a transaction. @throws CameBetween */
  async change(keyed: KeyedChange, writing: Writing): Promise<Outcome> {
    const { session, prepared } = writing;
    const { key, change } = keyed;
    const head = (await this.#collections.heads.findOne({ _id: this.#collections.layout.id(key) } as Document, {
      session,
    })) as Head | null;
    if (head?.pending) {
      await this.#collections.finish(head);
      throw new CameBetween('it was being changed');
    }
    const plan = await planOf(
      this.#collections.schema,
      this.#collections.found(head, { session }),
      change as CollectionChange,
    );
    await this.#make(key, head, plan, writing, prepared.get(keyed));
    return plan.outcome;
  }

  /** Before a transaction: so many members that it had better not write them itself. */
  async prepare({ key, change }: KeyedChange): Promise<Head | undefined> {
    if (change.type !== 'put') return undefined;
    const { row, expiresAt } = change as Extract<CollectionChange, { type: 'put' }>;
    const members = membersOf(row);
    if (members.size <= FEW) return undefined;
    const next = this.#collections.next(key, { size: members.size, expiresAt });
    await this.#collections.generations.make(next, members.ordered);
    return next;
  }

  async #make(key: Key, head: Head | null, plan: Plan, writing: Writing, prepared: Head | undefined): Promise<void> {
    const { session } = writing;
    switch (plan.type) {
      case 'touch': {
        const next = this.#collections.touched(head!, plan);
        await this.#collections.members.change(next, plan.put, plan.remove, { session });
        const { count, revision } = next;
        await this.#collections.heads.updateOne(
          { _id: head!._id } as Document,
          { $set: { count, revision } },
          { session },
        );
        return;
      }
      case 'replace': {
        const next = prepared ?? this.#collections.next(key, plan);
        const { _id, ...replacement } = next;
        await this.#collections.heads.replaceOne({ _id } as Document, replacement, { session, upsert: true });
        if (prepared) await this.#collections.generations.take(prepared.generation, { session });
        else await this.#collections.members.insert(next, replacing(plan), { session });
        if (head) await this.#leave(head, writing);
        return;
      }
      case 'delete':
        if (!head) return;
        await this.#collections.heads.deleteOne({ _id: head._id } as Document, { session });
        await this.#leave(head, writing);
        return;
    }
  }

  async #leave(head: Head, { session, left }: Writing): Promise<void> {
    if (head.count <= FEW) return this.#collections.members.drop(head.generation, { session });
    await this.#collections.generations.note(head.generation, head._id, { session });
    left.push(head);
  }
}
