import { Holdfast, type HoldfastOptions, type RepositoryOf } from 'holdfast';
import { everybody, PEOPLE, type Person } from './people.js';

/** A holdfast of one class of people, with everybody saved. */
export interface Opened<T> {
  readonly people: RepositoryOf<T>;
  readonly keys: readonly string[];
  close(): Promise<void>;
}

/** Opens with every default but what is given. */
export async function opened<T extends Person>(
  type: new () => T,
  options: Omit<HoldfastOptions, 'entities'>,
): Promise<Opened<T>> {
  const holdfast = await Holdfast.open({ ...options, entities: [type], synchronize: true });
  const people = holdfast.repository(type) as unknown as RepositoryOf<Person>;
  for (let at = 0; at < PEOPLE; at += 1000)
    await people.save(everybody.slice(at, at + 1000).map((one) => ({ ...one })));
  return {
    people: people as unknown as RepositoryOf<T>,
    keys: everybody.map(({ id }) => id),
    close: () => holdfast.close(),
  };
}
