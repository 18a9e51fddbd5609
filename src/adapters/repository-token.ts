import { ValidationError } from '../core/errors.js';
import type { Class } from '../metadata/types.js';
import type { RepositoryOf } from '../repository/types.js';

/**
 * A symbol under which containers keep the repository of an entity class. Its type carries the repository's, in the form in
 * which containers read what a class token gives.
 */
export type RepositoryToken<E> = symbol & (abstract new (...args: never[]) => RepositoryOf<E>);

// One map for the ESM and the CommonJS build: what one registers is what the other asks for.
const SHARED = Symbol.for('holdfast.repositoryTokens');
const shared = globalThis as { [SHARED]?: WeakMap<object, symbol> };
shared[SHARED] ??= new WeakMap();
const tokens = shared[SHARED];

/**
 * The token of an entity class's repository, for any container: always the same for a class, and each class has its own,
 * whatever its name.
 *
 * @example
 * container.register(repositoryToken(Person), { useValue: holdfast.repository(Person) });
 * const people = container.resolve(repositoryToken(Person)); // RepositoryOf<Person>
 *
 * @throws ValidationError for what is no class
 */
export function repositoryToken<E>(entity: Class<E>): RepositoryToken<E> {
  if (typeof entity !== 'function')
    throw new ValidationError(
      `The repository of ${String(entity)} is asked for, which is not a class. Name an entity class; one that is undefined comes from modules that import each other.`,
    );
  let token = tokens.get(entity);
  if (token === undefined) {
    token = Symbol(describe(entity.name));
    tokens.set(entity, token);
  }
  return token as RepositoryToken<E>;
}

/** What containers show of a token is what they say when they cannot find it, so it names the remedies. */
const describe = (name: string) =>
  `repository of ${name}: list ${name} in open({ entities }) before registerHoldfast(), or in HoldfastModule.forFeature()`;
