import type { Member, Structure } from './collection.js';
import { compareText } from './key-order.js';
import { type Order, SortedList } from './sorted-list.js';

/** By score, where -0 is 0, then by the bytes of the text. */
export const byScore: Order<Member> = (a, b) =>
  a.score < b.score ? -1 : a.score > b.score ? 1 : compareText(a.text, b.text);

const byText: Order<Member> = (a, b) => compareText(a.text, b.text);
const byPosition: Order<Member> = (a, b) => a.score - b.score;

/** All members of one collection. It never changes: a change gives another, which shares nearly all with it. */
export class Members {
  readonly structure: Structure;
  /** In the order of the collection. */
  readonly ordered: SortedList<Member>;
  /** By text; of a set the same list, of a list none. */
  readonly #byText: SortedList<Member> | undefined;

  private constructor(structure: Structure, ordered: SortedList<Member>, texts: SortedList<Member> | undefined) {
    this.structure = structure;
    this.ordered = ordered;
    this.#byText = texts;
  }

  /** A collection of members in any order; but for a list each text once, of a list each position once. */
  static of(structure: Structure, members: readonly Member[]): Members {
    if (structure === 'list') return new Members(structure, SortedList.of(members, byPosition), undefined);
    const texts = SortedList.of(members, byText);
    return new Members(structure, structure === 'set' ? texts : SortedList.of(members, byScore), texts);
  }

  /** A list of these items. */
  static listOf(texts: readonly string[]): Members {
    return Members.of(
      'list',
      texts.map((text, score) => ({ text, score })),
    );
  }

  get size(): number {
    return this.ordered.size;
  }

  /** The member of this text; in a list there is none to find. */
  get(text: string): Member | undefined {
    return this.#byText?.get({ text, score: 0 });
  }

  /** Those after a text, in the order of the texts; of a list after a position. */
  after(from: string | undefined, limit: number): Member[] {
    const list = this.#byText ?? this.ordered;
    if (from === undefined) return list.slice(0, limit);
    const last = { text: from, score: this.#byText ? 0 : Number(from) };
    const place = list.before(last) + (list.get(last) === undefined ? 0 : 1);
    return list.slice(place, place + limit);
  }

  /** With the members, in place of those of the same texts. */
  with(members: readonly Member[]): Members {
    let { ordered } = this;
    let texts = this.#byText;
    for (const member of members) {
      const old = texts?.get(member);
      if (old && this.structure !== 'set') ordered = ordered.without(old);
      texts = texts?.with(member);
      ordered = this.structure === 'set' ? texts! : ordered.with(member);
    }
    return new Members(this.structure, ordered, texts);
  }

  /** Without those that are there of the members. */
  without(members: readonly Member[]): Members {
    let { ordered } = this;
    let texts = this.#byText;
    for (const member of members) {
      texts = texts?.without(member);
      ordered = this.structure === 'set' ? texts! : ordered.without(member);
    }
    return new Members(this.structure, ordered, texts);
  }

  /** Whether it has the same members with the same scores, where -0 is 0; of a list the same items in the same order. */
  same(other: Members): boolean {
    if (this.size !== other.size) return false;
    const theirs = other.ordered[Symbol.iterator]();
    for (const { text, score } of this.ordered) {
      const their = theirs.next().value as Member;
      if (their.text !== text || (this.structure !== 'list' && their.score !== score)) return false;
    }
    return true;
  }
}
