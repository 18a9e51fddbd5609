import { ValidationError } from '../../index.js';

/** Where contexts are kept, as a URL says it. */
export type Place =
  | { readonly kind: 'json'; readonly path: string }
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 'fallback'; readonly url: string };

const SCHEMES = [
  'postgresql:',
  'mysql:',
  'mariadb:',
  'sqlite:',
  'redis:',
  'rediss:',
  'mongodb:',
  'datastore:',
  'json:',
  'file:',
  'memory:',
];
const DATABASES: readonly string[] = ['postgresql', 'postgres', 'mysql', 'mariadb', 'sqlite'];
const OTHERS: readonly string[] = ['mongodb', 'datastore', 'file', 'memory'];

/** Reads a URL, Holdfast's or the Python connector's. @throws ValidationError that names the schemes there are */
export function placeOf(url: unknown): Place {
  if (typeof url !== 'string') throw refused('it is neither a URL nor an open holdfast.');
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):(.*)$/s.exec(url) ?? [];
  if (scheme === undefined || rest === undefined) throw refused('it is no URL.');
  if (scheme === 'pickle' || scheme === 'shelve')
    throw refused(
      `'${scheme}:' keeps pickled Python objects, and reading a pickle runs whatever code is in it. Write the contexts with a JSON or SQL connector in Python, then import those.`,
    );
  if (scheme === 'json') return { kind: 'json', path: pathOf(rest) };
  if (scheme === 'redis' || scheme === 'rediss') return { kind: 'redis', url };
  // SQLAlchemy's URLs name the Python package too: mysql+pymysql://
  const [base = scheme] = scheme.split('+', 1);
  if (base === 'sqlite') return { kind: 'fallback', url: `sqlite:${sqlitePath(rest)}` };
  if (DATABASES.includes(base)) return { kind: 'fallback', url: `${base}:${rest}` };
  if (OTHERS.includes(scheme) || scheme === 'mongodb+srv') return { kind: 'fallback', url };
  throw refused(`the scheme '${scheme}:' is not known.`);
}

function pathOf(rest: string): string {
  const path = rest.replace(/^\/\//, '');
  if (path === '') throw refused("'json:' names no file.");
  return path;
}

// SQLAlchemy: three slashes before a relative path, four before an absolute one; none of it: in memory.
function sqlitePath(rest: string): string {
  if (rest === '//') return ':memory:';
  return rest.startsWith('///') ? rest.slice(3) || ':memory:' : rest;
}

const refused = (fact: string): ValidationError =>
  new ValidationError(
    `contextStore() cannot open what it was given: ${fact} Give a URL (${SCHEMES.join(', ')}) or an open holdfast.`,
  );
