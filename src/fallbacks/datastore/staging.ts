import type { Member } from '../../core/collection.js';
import type { Members } from '../../core/members.js';
import { generationOf, type NewGeneration } from './collection-draft.js';
import type { Generations } from './generations.js';
import type { MemberLayout } from './member-layout.js';

/** A new generation that is more than a commit takes. */
export interface Fresh {
  /** Whose it is: the path of its collection. */
  readonly id: string;
  readonly layout: MemberLayout;
  readonly generation: NewGeneration;
}

/** What one write has written ahead of its transaction. */
export class Staging {
  readonly #generations: Generations;
  readonly #staged = new Map<string, Fresh>();

  constructor(generations: Generations) {
    this.#generations = generations;
  }

  /** The staged generation of the same members; `undefined` where there is none. */
  of(id: string, { members, expiresAt }: NewGeneration): NewGeneration | undefined {
    const staged = this.#staged.get(id)?.generation;
    return staged && staged.expiresAt === expiresAt && exactlySame(staged.members, members) ? staged : undefined;
  }

  async write(fresh: readonly Fresh[]): Promise<void> {
    for (const one of fresh) {
      const { id, layout, generation } = one;
      this.lose(id);
      this.#staged.set(id, one);
      try {
        await this.#generations.stage(layout, generation.generation, generationOf(layout, generation));
      } catch (error) {
        // Half of it is of no use to the next attempt.
        this.lose(id);
        throw error;
      }
    }
  }

  /** It cannot be used any more. */
  lose(id: string): void {
    const one = this.#staged.get(id);
    if (one) this.#generations.discard(one.layout, one.generation.generation);
    this.#staged.delete(id);
  }

  /** They are collections' now. */
  used(): void {
    this.#staged.clear();
  }

  /** Nothing has come of them, or it is not known: then they stay until they are found to be nobody's. */
  end(): void {
    for (const id of [...this.#staged.keys()]) this.lose(id);
  }
}

function exactlySame(a: Members, b: Members): boolean {
  if (a === b) return true;
  if (a.size !== b.size) return false;
  const others = b.ordered[Symbol.iterator]();
  for (const { text, score } of a.ordered) {
    const other = others.next().value as Member;
    if (other.text !== text || !Object.is(other.score, score)) return false;
  }
  return true;
}
