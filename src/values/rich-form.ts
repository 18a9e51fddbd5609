/**
 * The rich form: JSON, a list of parts, the value being the first. A part is
 * - a text, number, boolean or null: itself;
 * - `{ key: index }`, `[index]`: an object or an array, whose parts are at these indexes of the list;
 * - `[tag, …]`: what JSON does not have, see `textOf` in rich-write.ts.
 * An index below 0 is one of {@link SPECIALS}. So a part that several hold is there once, and may hold itself. As far as it goes it is
 * the form that the package devalue writes.
 */
export type Part = null | boolean | number | string | readonly unknown[] | Readonly<Record<string, unknown>>;

/** In place of a part that an array lacks. */
export const HOLE = -2;
/** At the begin of an array with so many holes that they are left out: its length, then place and index of each element. */
export const SPARSE = -7;

/** Values without a part of their own. */
export const SPECIALS: ReadonlyMap<number, unknown> = new Map<number, unknown>([
  [-1, undefined],
  [-3, Number.NaN],
  [-4, Number.POSITIVE_INFINITY],
  [-5, Number.NEGATIVE_INFINITY],
  [-6, -0],
]);

/** What a class's name is marked with, so that no class is taken for another tag. */
export const CLASS = 'class ';

/** Of an error of a registered class: what a loop over its properties does not show. */
export const HIDDEN: readonly string[] = ['stack', 'message', 'cause', 'errors'];

/** More than the index of any element of an array. */
export const MOST_ELEMENTS = 2 ** 32 - 1;
