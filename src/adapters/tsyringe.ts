import 'reflect-metadata';
import { type DependencyContainer, type InjectionToken, inject } from 'tsyringe';
import type { Class, Holdfast } from '../index.js';
import type { ParameterInjector } from './repository-injector.js';
import { repositoryToken } from './repository-token.js';

/**
 * Registers an open holdfast under its class `Holdfast`, and each of its repositories under `repositoryToken(Class)`. The
 * container does not close it: who opened it does.
 *
 * @example
 * const holdfast = await Holdfast.open({ entities: [Person] });
 * registerHoldfast(container, holdfast);
 * const people = container.resolve(People);
 */
export function registerHoldfast(container: DependencyContainer, holdfast: Holdfast): void {
  container.register(holdfast.constructor as InjectionToken<Holdfast>, { useValue: holdfast });
  for (const entity of holdfast.entities)
    container.register(repositoryToken(entity), { useValue: holdfast.repository(entity) });
}

/**
 * Injects the repository of an entity class into a constructor's parameter.
 *
 * @example
 * @injectable()
 * class People {
 *   constructor(@injectRepository(Person) private readonly people: RepositoryOf<Person>) {}
 * }
 */
export function injectRepository<E>(entity: Class<E>): ParameterInjector<E> {
  return inject(repositoryToken(entity)) as ParameterInjector<E>;
}
