import { getOrMake } from '../../src/core/get-or-make.js';

/** What a key holds; `null` where it holds nothing. */
export type Held = number | null;

/** One key of one entity. */
export interface Place {
  readonly entity: 'note' | 'page';
  readonly id: string;
}

const nameOf = ({ entity, id }: Place) => `${entity} ${id}`;

/**
 * What the durable store went through, key by key, and what of it was acknowledged to whom: no read may give what is older
 * than the last that was acknowledged before it began.
 */
export class History {
  /** Values in the order in which they landed. Those of one key differ, but for deletions. */
  readonly #past = new Map<string, Held[]>();
  /** Where in its key's past the last landing of each process is. */
  readonly #landings = new Map<string, number>();
  /** Where in its key's past everybody has to be, and where a process has to be beyond that. */
  readonly #everybody = new Map<string, number>();
  readonly #own = new Map<string, number>();

  landed(process: string, place: Place, value: Held): void {
    this.#landings.set(`${process} ${nameOf(place)}`, this.#of(place).push(value) - 1);
  }

  /**
   * The last write of `process` to that place was acknowledged. One that the hot tier was not told of binds its own process at
   * once, the others when the repair interval is over: see {@link repaired}.
   */
  acknowledged(process: string, place: Place, delivered: boolean): void {
    const mine = `${process} ${nameOf(place)}`;
    const at = this.#landings.get(mine);
    if (at === undefined) throw new Error(`${mine}: acknowledged, but it never landed`);
    raise(this.#own, mine, at);
    if (delivered) raise(this.#everybody, nameOf(place), at);
  }

  /** The repair interval is over: what was acknowledged to anybody binds all. */
  repaired(): void {
    for (const [mine, at] of this.#own) raise(this.#everybody, mine.slice(mine.indexOf(' ') + 1), at);
  }

  /** A read of `process` begins: what it may not give less than. */
  floor(process: string, place: Place): number {
    const name = nameOf(place);
    return Math.max(this.#everybody.get(name) ?? 0, this.#own.get(`${process} ${name}`) ?? 0);
  }

  /** @throws Error where what was read is older than `floor`, or was never written */
  check(process: string, place: Place, floor: number, value: Held): void {
    const past = this.#of(place);
    const at = past.lastIndexOf(value);
    if (at < 0) throw new Error(`${process} read ${nameOf(place)} = ${value}, which nobody wrote (${past.join(', ')})`);
    if (at < floor)
      throw new Error(
        `${process} read ${nameOf(place)} = ${value} after ${past[floor]} was acknowledged (${past.join(', ')})`,
      );
  }

  /** What landed last. */
  last(place: Place): Held {
    return this.#of(place).at(-1)!;
  }

  #of(place: Place): Held[] {
    return getOrMake(this.#past, nameOf(place), () => [null]);
  }
}

const raise = (floors: Map<string, number>, name: string, at: number) =>
  void floors.set(name, Math.max(floors.get(name) ?? 0, at));
