import type { Collection, Document, ObjectId } from 'mongodb';
import type { Member } from '../../core/collection.js';
import type { Head } from './heads.js';
import type { MemberDocuments } from './members.js';
import type { OpenMongo, Within } from './open-mongo.js';
import { CameBetween } from './transactions.js';

/** Says that the members of a generation may belong to nothing: not yet, or not any more. */
interface Note {
  readonly _id: { readonly of: typeof NOTES; readonly generation: ObjectId };
  /** The `_id` of the head that it may belong to. */
  readonly head: unknown;
  readonly since: Date;
}

const NOTES = 'generations';

// Who makes a generation says so at least each so often; after that it may be swept. In milliseconds.
const LEFT_ALONE = 600_000;
const INTERVAL = 60_000;
const AT_ONCE = 100;

/**
 * Sees to it that members go whose generation belongs to no collection: one that was replaced, or that whoever made it left
 * unfinished. Notes tell of them, which lie among the members.
 */
export class Generations {
  readonly #mongo: OpenMongo;
  readonly #members: MemberDocuments;
  readonly #heads: Collection;
  readonly #notes: Collection<Note>;
  readonly #running = new Set<Promise<unknown>>();
  #next = 0;

  constructor(mongo: OpenMongo, members: MemberDocuments, heads: Collection) {
    this.#mongo = mongo;
    this.#members = members;
    this.#heads = heads;
    this.#notes = members.collection as unknown as Collection<Note>;
  }

  /** Notes a generation that is about to be made, or to be replaced. */
  async note(generation: ObjectId, head: unknown, within: Within): Promise<void> {
    const since = new Date(this.#mongo.clock.now());
    await this.#notes.updateOne({ _id: { of: NOTES, generation } } as Document, { $set: { head, since } } as Document, {
      ...within,
      upsert: true,
    });
  }

  /** Makes a generation that no head has yet. */
  async make(head: Head, members: Iterable<Member>): Promise<void> {
    await this.note(head.generation, head._id, {});
    await this.#members.insert(head, members, {}, () => this.renew(head.generation));
  }

  /** Says that it is still being made. @throws CameBetween where it has been swept */
  async renew(generation: ObjectId): Promise<void> {
    const { matchedCount } = await this.#notes.updateOne(
      { _id: { of: NOTES, generation } } as Document,
      { $set: { since: new Date(this.#mongo.clock.now()) } } as Document,
    );
    if (matchedCount === 0) throw new CameBetween('what was made for it has been swept');
  }

  /** Within the transaction that gives it a head. @throws CameBetween where it has been swept */
  async take(generation: ObjectId, within: Within): Promise<void> {
    const { deletedCount } = await this.#notes.deleteOne({ _id: { of: NOTES, generation } } as Document, within);
    if (deletedCount === 0) throw new CameBetween('what was made for it has been swept');
  }

  /** Looks after a generation that was noted: its members go where no head has it. Nobody waits for it. */
  settle(generation: ObjectId, head: unknown): void {
    this.#behind(() => this.#settle(generation, head));
  }

  async #settle(generation: ObjectId, id: unknown): Promise<void> {
    const head = await this.#heads.findOne({ _id: id } as Document, { projection: { generation: 1 } });
    if (!(head?.generation as ObjectId | undefined)?.equals(generation)) await this.#members.drop(generation, {});
    await this.#notes.deleteOne({ _id: { of: NOTES, generation } } as Document);
  }

  /** In the wake of a write, at most once a minute: what killed processes have left. */
  sweep(): void {
    const now = this.#mongo.clock.now();
    if (now < this.#next) return;
    this.#next = now + INTERVAL;
    this.#behind(async () => {
      const old = await this.#notes
        .find({ '_id.of': NOTES, since: { $lt: new Date(now - LEFT_ALONE) } } as Document, { limit: AT_ONCE })
        .toArray();
      for (const { _id, head } of old) await this.#settle(_id.generation, head);
    });
  }

  #behind(work: () => Promise<void>): void {
    // Whatever is wrong, the notes stay, and the next write meets it too.
    const run: Promise<unknown> = work()
      .catch(() => {})
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** When all that it does behind others' backs has ended. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
