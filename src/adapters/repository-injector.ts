import type { RepositoryOf } from '../index.js';

type ParameterOf<T, I extends number> = T extends abstract new (...args: infer A) => unknown ? A[I] : never;

/** Goes on a constructor's parameter; one that cannot hold the repository of `E` does not compile. */
export type ParameterInjector<E> = <T extends abstract new (...args: never[]) => unknown, I extends number>(
  target: RepositoryOf<E> extends ParameterOf<T, I>
    ? T
    : { holdfast: 'the parameter must be a RepositoryOf this class' },
  key: undefined,
  index: I,
) => void;

/** Goes on a property; a public one that cannot hold the repository of `E` does not compile. */
export type PropertyInjector<E> = <T extends object, P extends string | symbol>(
  target: T,
  key: P extends keyof T ? (RepositoryOf<E> extends T[P] ? P : never) : P,
) => void;
