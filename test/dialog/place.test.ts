import { expect, test } from '@jest/globals';
import { ValidationError } from 'holdfast';
import { contextStore } from 'holdfast/dialog';
import { placeOf } from '../../src/dialog/store/place.js';

test.each([
  ['postgresql://u:p@h:5432/db', 'postgresql://u:p@h:5432/db'],
  ['postgresql+psycopg2://u:p@h:5432/db', 'postgresql://u:p@h:5432/db'],
  ['mysql+pymysql://root:pass@localhost:3307/test', 'mysql://root:pass@localhost:3307/test'],
  ['mariadb://h/db', 'mariadb://h/db'],
  ['sqlite:contexts.db', 'sqlite:contexts.db'],
  ['sqlite:/var/contexts.db', 'sqlite:/var/contexts.db'],
  ['sqlite::memory:', 'sqlite::memory:'],
  ['sqlite:', 'sqlite:'],
  ['sqlite:////var/contexts.db', 'sqlite:/var/contexts.db'],
  ['sqlite+pysqlite:////var/contexts.db', 'sqlite:/var/contexts.db'],
  ['sqlite:///contexts.db', 'sqlite:contexts.db'],
  ['sqlite://', 'sqlite::memory:'],
  ['file:/var/contexts', 'file:/var/contexts'],
  ['memory:', 'memory:'],
  ['mongodb://h/db', 'mongodb://h/db'],
])('%s is read as a URL of Holdfast or of the Python connector', (given, url) => {
  expect(placeOf(given)).toEqual({ kind: 'fallback', url });
});

test.each([
  ['json:contexts.json', 'contexts.json'],
  ['json:/var/contexts.json', '/var/contexts.json'],
  ['json://contexts.json', 'contexts.json'],
  ['json:///var/contexts.json', '/var/contexts.json'],
])('%s is one JSON file', (given, path) => {
  expect(placeOf(given)).toEqual({ kind: 'json', path });
});

test('redis: and rediss: are Redis alone', () => {
  expect(placeOf('redis://:pass@localhost:6379/0')).toEqual({ kind: 'redis', url: 'redis://:pass@localhost:6379/0' });
  expect(placeOf('rediss://h').kind).toBe('redis');
});

test('a URL that cannot be used is refused, and the schemes that exist are named', async () => {
  for (const wrong of [
    'grpc://localhost:2136/local',
    'contexts.json',
    '',
    5,
    undefined,
    {},
    'json:',
    'postgre://h/db',
  ]) {
    const error = await contextStore(wrong as never).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ValidationError);
    expect((error as Error).message).toMatch(
      /postgresql:, mysql:, mariadb:, sqlite:, redis:, rediss:, mongodb:, datastore:, json:, file:, memory:/,
    );
  }
  for (const pickled of ['pickle://contexts.pkl', 'shelve://contexts'])
    await expect(contextStore(pickled)).rejects.toThrow(/reading a pickle runs whatever code is in it/);
});

test('an option that cannot be is refused', async () => {
  const wrong = [{ windo: 5 }, { window: 0 }, { ttl: 'soon' }, { ttl: 0 }, { turnLimit: -1 }, { turnLease: 'x' }];
  for (const options of wrong) await expect(contextStore('memory:', options as never)).rejects.toThrow(ValidationError);
  await expect(contextStore('redis://localhost', { redis: 'redis://localhost' })).rejects.toThrow(/Redis twice/);
});
