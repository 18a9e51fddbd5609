import { describe, expect, test } from '@jest/globals';
import { repositoryToken } from '../../src/adapters/repository-token.js';
import { ValidationError } from '../../src/index.js';
import { City, OtherPerson, Person } from './people.js';

describe('repositoryToken', () => {
  test('is a symbol, and always the same for a class', () => {
    expect(typeof repositoryToken(Person)).toBe('symbol');
    expect(repositoryToken(Person)).toBe(repositoryToken(Person));
  });

  test('differs between classes, also of the same name', () => {
    expect(OtherPerson.name).toBe(Person.name);
    expect(new Set([Person, OtherPerson, City].map((entity) => repositoryToken<object>(entity))).size).toBe(3);
  });

  test('is in no registry of symbols that another library could reach by a name', () => {
    expect(Symbol.keyFor(repositoryToken(Person))).toBeUndefined();
  });

  test('is the same from a second build of the package in the process', async () => {
    const path = '../../src/adapters/repository-token.js?second';
    const second = (await import(path)) as { repositoryToken: typeof repositoryToken };
    expect(second.repositoryToken).not.toBe(repositoryToken);
    expect(second.repositoryToken(Person)).toBe(repositoryToken(Person));
  });

  test('says of a class that is undefined where that comes from', () => {
    const missing = undefined as unknown as typeof Person;
    expect(() => repositoryToken(missing)).toThrow(ValidationError);
    expect(() => repositoryToken(missing)).toThrow(/undefined .* not a class.* modules that import each other/);
  });
});
