import type { FaultList } from './faults.js';

/** A class's name as an entity's: `HTTPLogEntry` becomes `http_log_entry`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([\p{Lu}\d])(\p{Lu}\p{Ll})/gu, '$1_$2')
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1_$2')
    .replace(/^[_$]+/, '')
    .toLowerCase();
}

const PLAIN_NAME = /^[\p{L}_][\p{L}\p{M}\p{N}_$-]*$/u;
// The shortest limit of the databases, PostgreSQL's: longer names are cut off there in silence.
const MOST_BYTES = 63;

/** What is wrong with a name in a store, or `undefined`. */
function storedNameFault(name: string): string | undefined {
  if (name in Object.prototype || name === 'prototype') return 'is a name that JavaScript keeps for itself';
  if (!PLAIN_NAME.test(name)) return 'is not made of letters, digits, _, - and $, with a letter or _ first';
  return Buffer.byteLength(name) > MOST_BYTES
    ? `is longer than ${MOST_BYTES} bytes, more than a database can take`
    : undefined;
}

/** Checks an entity's name. */
export function checkEntityName(name: unknown, subject: string, faults: FaultList): name is string {
  const found =
    typeof name !== 'string'
      ? 'is not a string'
      : /^holdfast_/i.test(name)
        ? "begins with 'holdfast_', which Holdfast's own tables do"
        : storedNameFault(name);
  if (found)
    faults.add(subject, `has the name ${show(name)}, which ${found}.`, "Give another, as in @Entity('people').");
  return !found;
}

/** Checks the name of a property and its name in a store. `decorator` is where another can be given. */
export function checkPropertyName(
  property: string,
  column: unknown,
  subject: string,
  decorator: string,
  faults: FaultList,
): boolean {
  if (property in Object.prototype || property === 'prototype') {
    faults.add(subject, 'has a name that every object has already.', 'Rename the property.');
    return false;
  }
  const found =
    typeof column !== 'string'
      ? 'is not a string'
      : column === '~'
        ? "is where Holdfast keeps an entry's state"
        : ['_expires_at', '_absent'].includes(column.toLowerCase())
          ? 'Holdfast keeps for itself'
          : storedNameFault(column);
  const remedy = `Give it another name in the store: @${decorator}({ name: 'another' }).`;
  if (found) faults.add(subject, `is stored as ${show(column)}, which ${found}.`, remedy);
  return !found;
}

const show = (name: unknown): string => (typeof name === 'string' ? `'${name}'` : String(name));
