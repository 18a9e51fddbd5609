/** Compares two items: below 0 where the first comes first, 0 only where they are the same place. */
export type Order<T> = (a: T, b: T) => number;

// So many items lie in one piece: what is copied at a change, of a million items, is one piece and the list of 4,000 of them.
const PIECE = 256;

/**
 * A sorted list that never changes: a change gives a new list, which shares all but one piece with the old one. It knows the
 * place of each item and the item of each place.
 */
export class SortedList<T> {
  readonly size: number;
  readonly #order: Order<T>;
  /** None is empty. */
  readonly #pieces: readonly (readonly T[])[];

  private constructor(order: Order<T>, pieces: readonly (readonly T[])[], size: number) {
    this.#order = order;
    this.#pieces = pieces;
    this.size = size;
  }

  /** A list of items in any order, no two of them at the same place. */
  static of<T>(items: readonly T[], order: Order<T>): SortedList<T> {
    const sorted = inOrder(items, order) ? items : [...items].sort(order);
    const pieces: (readonly T[])[] = [];
    for (let at = 0; at < sorted.length; at += PIECE) pieces.push(sorted.slice(at, at + PIECE));
    return new SortedList(order, pieces, sorted.length);
  }

  /** How many items come before the place of `item`. */
  before(item: T): number {
    const piece = this.#pieceOf(item);
    let count = 0;
    for (let at = 0; at < piece; at++) count += this.#pieces[at]!.length;
    return piece < this.#pieces.length ? count + this.#placeIn(this.#pieces[piece]!, item) : count;
  }

  /** The item at the place of `item`. */
  get(item: T): T | undefined {
    const piece = this.#pieces[this.#pieceOf(item)];
    if (!piece) return undefined;
    const found = piece[this.#placeIn(piece, item)];
    return found !== undefined && this.#order(found, item) === 0 ? found : undefined;
  }

  /** The items from place `from` up to but not including place `to`, in order. */
  slice(from: number, to: number): T[] {
    const items: T[] = [];
    let start = 0;
    for (const piece of this.#pieces) {
      if (start >= to) break;
      if (start + piece.length > from)
        for (const item of piece.slice(Math.max(0, from - start), to - start)) items.push(item);
      start += piece.length;
    }
    return items;
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const piece of this.#pieces) yield* piece;
  }

  /** With the item, in place of one at its place. */
  with(item: T): SortedList<T> {
    if (this.#pieces.length === 0) return new SortedList(this.#order, [[item]], 1);
    const at = Math.min(this.#pieceOf(item), this.#pieces.length - 1);
    const piece = this.#pieces[at]!;
    const place = this.#placeIn(piece, item);
    const found = piece[place];
    const replaces = found !== undefined && this.#order(found, item) === 0;
    return this.#withPiece(at, piece.toSpliced(place, replaces ? 1 : 0, item), replaces ? 0 : 1);
  }

  /** Without the item at the place of `item`. */
  without(item: T): SortedList<T> {
    const at = this.#pieceOf(item);
    const piece = this.#pieces[at];
    if (!piece) return this;
    const place = this.#placeIn(piece, item);
    const found = piece[place];
    if (found === undefined || this.#order(found, item) !== 0) return this;
    return this.#withPiece(at, piece.toSpliced(place, 1), -1);
  }

  #withPiece(at: number, piece: readonly T[], more: number): SortedList<T> {
    const half = piece.length >> 1;
    const made =
      piece.length === 0 ? [] : piece.length > 2 * PIECE ? [piece.slice(0, half), piece.slice(half)] : [piece];
    return new SortedList(this.#order, this.#pieces.toSpliced(at, 1, ...made), this.size + more);
  }

  /** The first piece whose last item does not come before `item`. */
  #pieceOf(item: T): number {
    return firstOf(this.#pieces.length, (at) => this.#order(this.#pieces[at]!.at(-1)!, item) >= 0);
  }

  #placeIn(piece: readonly T[], item: T): number {
    return firstOf(piece.length, (at) => this.#order(piece[at]!, item) >= 0);
  }
}

/** The first of so many numbers that passes, where all after it do. */
function firstOf(count: number, passes: (at: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (passes(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function inOrder<T>(items: readonly T[], order: Order<T>): boolean {
  for (let at = 1; at < items.length; at++) if (order(items[at - 1]!, items[at]!) >= 0) return false;
  return true;
}
