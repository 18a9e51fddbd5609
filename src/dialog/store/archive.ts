import type { Head, TurnsWrite } from './backend.js';

/** Fewest turns of a part of the archive. */
const LEAST = 50;

/** How turns lie: those of the archive, in parts of one size, and those after them in a list of their own. */
export interface Layout {
  readonly archived: number;
  readonly part: number;
  /** The parts that are to be written, by number. */
  readonly parts: ReadonlyMap<number, readonly string[]>;
  /** The numbers of parts that are to go. */
  readonly gone: readonly number[];
  /** What becomes of the list. */
  readonly list: TurnsWrite | undefined;
}

/** How large parts are where so many turns are loaded: the list always has as many, so that they are one read. */
export const partFor = (window: number): number =>
  window === Number.POSITIVE_INFINITY ? LEAST : Math.max(LEAST, window);

/** Lays all turns anew. */
export function layAll(items: readonly string[], part: number, before: Head | undefined): Layout {
  // The list keeps one part's size at least, and less than two.
  const count = Math.max(0, Math.floor(items.length / part) - 1);
  const parts = new Map(Array.from({ length: count }, (_, at) => [at, items.slice(at * part, (at + 1) * part)]));
  return {
    archived: count * part,
    part,
    parts,
    gone: partNumbers(before).filter((number) => number >= count),
    list: { all: items.slice(count * part) },
  };
}

/** Changes the end; what is full goes into the archive. `list` gives all turns of the list as it is. */
export async function layEnd(
  { drop, push }: Extract<TurnsWrite, { drop: number }>,
  before: Head,
  part: number,
  list: () => Promise<readonly string[]>,
): Promise<Layout> {
  const count = before.turns - before.archived - drop + push.length;
  if (count < 2 * part) return { archived: before.archived, part, parts: new Map(), gone: [], list: { drop, push } };
  const items = [...(await list()).slice(0, before.turns - before.archived - drop), ...push];
  const { parts, list: rest, archived } = layAll(items, part, undefined);
  const first = before.archived / part;
  return {
    archived: before.archived + archived,
    part,
    parts: new Map([...parts].map(([number, some]) => [first + number, some])),
    gone: [],
    list: rest,
  };
}

/** The numbers of the parts that there are. */
export const partNumbers = (head: Pick<Head, 'archived' | 'part'> | undefined): number[] =>
  head === undefined || head.archived === 0
    ? []
    : Array.from({ length: Math.ceil(head.archived / head.part) }, (_, number) => number);
