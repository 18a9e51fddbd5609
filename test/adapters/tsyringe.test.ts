import 'reflect-metadata';
import { afterEach, describe, expect, test } from '@jest/globals';
import { inject, injectable, container as root } from 'tsyringe';
import { repositoryToken } from '../../src/adapters/repository-token.js';
import { injectRepository, registerHoldfast } from '../../src/adapters/tsyringe.js';
import { type HashRepository, Holdfast, type RepositoryOf } from '../../src/index.js';
import { City, OtherPerson, Person } from './people.js';

@injectable()
class People {
  constructor(
    @injectRepository(Person) readonly people: RepositoryOf<Person>,
    @injectRepository(City) readonly cities: RepositoryOf<City>,
    readonly holdfast: Holdfast,
  ) {}
}

let holdfast: Holdfast;
afterEach(() => holdfast.close());

async function registered(...entities: (typeof Person | typeof City)[]) {
  holdfast = await Holdfast.open({ entities });
  const container = root.createChildContainer();
  registerHoldfast(container, holdfast);
  return container;
}

describe('registerHoldfast', () => {
  test('has repositories and the holdfast injected by constructor', async () => {
    const { people, ...others } = (await registered(Person, City)).resolve(People);
    await people.save({ id: 'ann', name: 'Ann' });
    expect(await holdfast.repository(Person).find('ann')).toEqual({ id: 'ann', name: 'Ann' });
    expect(others).toEqual({ cities: holdfast.repository(City), holdfast });
  });

  test('gives the repository, typed, under the token of its class', async () => {
    const people: HashRepository<Person> = (await registered(Person)).resolve(repositoryToken(Person));
    expect(people).toBe(holdfast.repository(Person));
  });

  test('keeps classes of one name apart', async () => {
    const container = await registered(Person, OtherPerson);
    expect(container.resolve(repositoryToken(OtherPerson))).not.toBe(container.resolve(repositoryToken(Person)));
  });

  test('takes the place of the holdfast that was registered before', async () => {
    const container = await registered(Person, City);
    await holdfast.close();
    holdfast = await Holdfast.open({ entities: [Person, City] });
    registerHoldfast(container, holdfast);
    expect(container.resolve(People)).toEqual({
      people: holdfast.repository(Person),
      cities: holdfast.repository(City),
      holdfast,
    });
  });

  test('leaves a repository of the same token in a child container to that', async () => {
    const fake = { find: async () => ({ id: 'fake', name: 'Fake' }) } as unknown as RepositoryOf<Person>;
    const child = (await registered(Person, City)).createChildContainer();
    child.register(repositoryToken(Person), { useValue: fake });
    expect(child.resolve(People).people).toBe(fake);
  });

  test('leaves the holdfast open when the container is disposed of', async () => {
    await (await registered(Person)).dispose();
    expect(await holdfast.repository(Person).find('ann')).toBeUndefined();
  });
});

describe('injectRepository', () => {
  test('says of an entity that is not registered which one it is and where to list it', async () => {
    const container = await registered(Person);
    expect(() => container.resolve(People)).toThrow(
      /"cities".*"People" constructor.*repository of City: list City in open\(\{ entities \}\)/s,
    );
  });

  test('does not compile on a parameter of another type', () => {
    class Wrong {
      constructor(
        // @ts-expect-error: the repository of another class
        @injectRepository(City) readonly people: RepositoryOf<Person>,
        // @ts-expect-error: no repository
        @injectRepository(City) readonly name: string,
        @injectRepository(City) readonly part: Pick<RepositoryOf<City>, 'find'>,
        @inject('something') readonly other: RepositoryOf<Person>,
      ) {}
    }
    expect(Wrong.length).toBe(4);
  });
});
