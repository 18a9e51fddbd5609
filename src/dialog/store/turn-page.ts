import { ValidationError } from '../../index.js';
import type { Backend } from './backend.js';
import { readItem, type Turn, turnOf } from './turn-item.js';

const LIMIT = 50;

/** The last turns before one, oldest first. @throws ValidationError */
export async function turnsBefore(
  backend: Backend,
  key: string,
  { before, limit = LIMIT }: { before?: number; limit?: number },
): Promise<Turn[]> {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new ValidationError(`turns() was given the limit ${limit}. Give how many turns are wanted, 1 or more.`);
  if (before === undefined) return (await backend.items(key, -limit, undefined, false)).map((item) => read(item, key));
  if (!Number.isSafeInteger(before))
    throw new ValidationError(`turns() was told to give those before ${before}. Give the number of a turn.`);
  const end = await position(backend, key, before);
  if (end <= 0) return [];
  return (await backend.items(key, Math.max(0, end - limit), end - 1, false)).map((item) => read(item, key));
}

const read = (item: string, key: string) => turnOf(readItem(item, key).content, key);

/** How many turns there are before one. Where turns follow each other without gaps, that is where one would look first. */
async function position(backend: Backend, key: string, turn: number): Promise<number> {
  const [first] = await backend.items(key, 0, 0, false);
  if (first === undefined) return 0;
  const from = readItem(first, key).turn;
  if (turn <= from) return 0;
  // Turns have numbers of their own, so there cannot be more before it than this.
  let [low, high] = [0, turn - from];
  let guess = high;
  while (low < high) {
    // Is the turn at `guess - 1` before it, and the one at `guess` not?
    const around = await backend.items(key, guess - 1, guess, false);
    const [at, next] = around.map((item) => readItem(item, key).turn);
    if (at === undefined || at >= turn) high = guess - 1;
    else if (next === undefined || next >= turn) return guess;
    else low = guess + 1;
    guess = Math.ceil((low + high) / 2);
  }
  return low;
}
