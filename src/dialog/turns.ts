import { ValidationError } from '../index.js';

/** Something for each turn, by the turn's number. */
export type Turns<T> = Record<number, T>;

const TURN_NUMBER = /^(0|[1-9]\d{0,8})$/;

/** The numbers of the turns, ascending. JavaScript keeps keys that are whole numbers in their order. */
export const turnNumbers = (turns: Turns<unknown>): number[] => Object.keys(turns).map(Number);

const lastTurn = (turns: Turns<unknown>): number | undefined => {
  const last = Object.keys(turns).at(-1);
  return last === undefined ? undefined : Number(last);
};

/** The number of the next turn. */
export const nextTurn = (turns: Turns<unknown>): number => (lastTurn(turns) ?? -1) + 1;

/** What the last turn has. */
export function lastOf<T>(turns: Turns<T>): T | undefined {
  const last = lastTurn(turns);
  return last === undefined ? undefined : turns[last];
}

/** What the last turns have, first of them first. */
export const lastFew = <T>(turns: Turns<T>, count: number): T[] =>
  count === 0
    ? []
    : turnNumbers(turns)
        .slice(-count)
        .map((turn) => turns[turn]!);

/** Removes all but the last turns; how many are left. */
export function dropAllButLast(turns: Turns<unknown>, keep: number): number {
  const numbers = turnNumbers(turns);
  for (const turn of numbers.slice(0, Math.max(0, numbers.length - keep))) delete turns[turn];
  return Math.min(keep, numbers.length);
}

/** A copy of what was given, in the order of the turns. @throws ValidationError */
export function turnsFrom<T>(field: string, given: unknown, check: (value: unknown, place: string) => T): Turns<T> {
  const turns: Turns<T> = {};
  for (const [turn, value] of Object.entries(recordOf(field, given))) {
    checkTurn(field, turn);
    turns[Number(turn)] = check(value, `${field}[${turn}]`);
  }
  return turns;
}

/** @throws ValidationError for what is no turn's number */
export function checkTurn(field: string, turn: string): void {
  if (!TURN_NUMBER.test(turn))
    throw new ValidationError(
      `${field} of a context has ${JSON.stringify(turn)} for a turn. Turns are whole numbers from 0 to 999999999.`,
    );
}

/** An object of data, or an empty one for nothing. @throws ValidationError */
export function recordOf(field: string, given: unknown): Record<string, unknown> {
  if (given === undefined || given === null) return {};
  if (typeof given === 'object' && !Array.isArray(given) && !(given instanceof Map) && !(given instanceof Set))
    return given as Record<string, unknown>;
  throw new ValidationError(
    `${field} of a context must be an object, got ${Array.isArray(given) ? 'an array' : typeof given === 'object' ? given.constructor.name : `a ${typeof given}`}. Give { name: value }.`,
  );
}
