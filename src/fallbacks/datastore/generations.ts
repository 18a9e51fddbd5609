import type { Clock } from '../../core/clock.js';
import { Contention } from './faults.js';
import { type DatastoreLink, MOST_MUTATIONS } from './link.js';
import { type MemberLayout, noteOf } from './member-layout.js';
import { type Mutation, pathText } from './wire.js';

// A generation that was written for so long and is nobody's yet is of a process that was killed.
const ABANDONED = 10 * 60_000;
// So many notes of others are seen to at once.
const AT_ONCE = 20;
// How often, in milliseconds, it is looked for what others left.
const EVERY = 5 * 60_000;

/** Deletes generations of members that are no collection's any more, behind the writers' backs; also those that killed processes left. */
export class Generations {
  readonly #link: DatastoreLink;
  readonly #clock: Clock;
  readonly #under = new Set<Promise<unknown>>();
  readonly #looked = new Map<string, number>();
  #closed = false;

  constructor(link: DatastoreLink, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  /** Deletes generations that have a note. What fails is left to whoever looks for notes. */
  sweep(layout: MemberLayout, generations: readonly string[]): void {
    for (const generation of generations) this.#behind(() => this.#delete(layout, generation));
  }

  /** Looks, from time to time, for what is left of others. */
  lookAround(layout: MemberLayout): void {
    const now = this.#clock.now();
    if (now - (this.#looked.get(layout.kind) ?? Number.NEGATIVE_INFINITY) < EVERY) return;
    this.#looked.set(layout.kind, now);
    this.#behind(async () => {
      for (const { key, properties } of await this.#link.all({ kind: layout.noteKind, limit: AT_ONCE })) {
        const { state, at } = noteOf(properties);
        const generation = key.path[0]!.name!;
        if (this.#clock.now() - at < ABANDONED || this.#closed) continue;
        if (state !== 'new' || (await this.#takeOver(layout, generation))) await this.#delete(layout, generation);
      }
    });
  }

  /** Waits for what is under way; what is not done then is left to others. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#under);
  }

  #behind(run: () => Promise<unknown>): void {
    const under = run().catch(() => undefined);
    this.#under.add(under);
    under.then(() => this.#under.delete(under));
  }

  /** Takes the note from a writer who may yet be alive: with another state in it he cannot use his generation. */
  async #takeOver(layout: MemberLayout, generation: string): Promise<boolean> {
    const key = layout.noteKey(generation);
    const { transaction, found } = await this.#link.beginWith([key], { readOnly: false });
    const note = found.get(pathText(key.path));
    if (!note || noteOf(note.entity.properties).state !== 'new') {
      this.#link.rollback(transaction);
      return note !== undefined;
    }
    try {
      await this.#link.commit([{ upsert: layout.note(generation, 'dying', 0) }], transaction);
      return true;
    } catch (error) {
      if (error instanceof Contention) return false;
      throw error;
    }
  }

  async #delete(layout: MemberLayout, generation: string): Promise<void> {
    const query = { kind: layout.kind, filters: layout.keysAfter(generation), keysOnly: true, limit: MOST_MUTATIONS };
    for (;;) {
      if (this.#closed) return;
      const found = await this.#link.all(query);
      if (found.length === 0) break;
      await this.#link.commitAside(found.map(({ key }) => ({ delete: key })));
      if (found.length < MOST_MUTATIONS) break;
    }
    await this.#link.commitAside([{ delete: layout.noteKey(generation) }]);
  }

  /** Writes the members of a new generation, ahead of the transaction that makes it a collection's. */
  async stage(layout: MemberLayout, generation: string, members: readonly Mutation[]): Promise<void> {
    await this.#link.commitAside([{ upsert: layout.note(generation, 'new', this.#clock.now()) }]);
    await this.#link.commitAside(members);
  }

  /** Deletes what was staged and is not used; also where somebody took it for abandoned. */
  discard(layout: MemberLayout, generation: string): void {
    this.#behind(async () => {
      await this.#link.commitAside([{ upsert: layout.note(generation, 'old', this.#clock.now()) }]);
      await this.#delete(layout, generation);
    });
  }
}
