import { ValidationError } from '../index.js';

/** A user or a key: `1` and `'1'` are one. */
export type Id = string | number;

/** Most characters of a user id or a key, in UTF-16 units: what every database takes. */
const LONGEST = 255;

/** The text of a user id. @throws ValidationError */
export const userText = (user: unknown): string => textOf('A user id', user);

/** The text of a key. @throws ValidationError */
export const keyText = (key: unknown): string => textOf('A key', key);

function textOf(what: string, id: unknown): string {
  if (typeof id === 'string') {
    if (id.length > LONGEST)
      throw new ValidationError(
        `${what} is at most ${LONGEST} characters long, but one of ${id.length} was given. Use a shorter one, such as a hash of it.`,
      );
    if (!id.isWellFormed())
      throw new ValidationError(
        `${what} was given that holds a lone surrogate, which no store can keep. Replace it (String.prototype.toWellFormed).`,
      );
    return id;
  }
  if (typeof id !== 'number')
    throw new ValidationError(`${what} is a string or a number, got ${shown(id)}. Give one of these.`);
  if (!Number.isFinite(id) || (Number.isInteger(id) && !Number.isSafeInteger(id)))
    throw new ValidationError(
      `${what} cannot be the number ${id}, ${Number.isFinite(id) ? 'which others round to' : 'which is none'}. Give a string.`,
    );
  return String(id);
}

const shown = (id: unknown): string =>
  id === null || id === undefined ? String(id) : Array.isArray(id) ? 'an array' : `a value of type ${typeof id}`;

/** A user and a key as errors show them. */
export const shownAs = (user: string, key: string): string =>
  `The value ${JSON.stringify(key)} of user ${JSON.stringify(user)}`;
