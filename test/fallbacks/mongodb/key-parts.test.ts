import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Db } from 'mongodb';
import { MetadataError, ValidationError } from '../../../src/core/errors.js';
import type { FallbackDriver } from '../../../src/core/fallback-driver.js';
import type { Schema } from '../../../src/core/schema.js';
import { endOfName, partsOfEnd } from '../../../src/fallbacks/mongodb/collection-name.js';
import type { MongodbDriverOptions } from '../../../src/fallbacks/mongodb/driver.js';
import { sampleCollection } from '../../../src/testing/sample-collections.js';
import { sampleKey, sampleSchema } from '../../../src/testing/sample-schema.js';
import { changing, putting, rowOf } from '../typeorm/context.js';
import { lookedInto, type TestMongo } from './databases.js';

const city = sampleSchema({
  name: 'city',
  keys: { country: 'string', zone: 'integer', id: 'string' },
  fields: { name: 'string' },
});
const person = sampleSchema({ name: 'person', fields: { name: 'string' } });
const ranking = sampleCollection({ name: 'ranking', structure: 'sorted-set', keys: { year: 'integer', id: 'string' } });

const place = lookedInto();
let mongo: TestMongo;
let db: Db;

beforeEach(async () => {
  await place.start();
  ({ mongo, db } = place);
});
afterEach(() => place.stop());

const open = (schemas: readonly Schema[], keys: MongodbDriverOptions['keys'] = 'collections') =>
  place.open(schemas, { keys });

const names = async () => (await db.listCollections().toArray()).map(({ name }) => name).sort();
const ids = async (driver: FallbackDriver, schema: Schema) => {
  const found: string[] = [];
  for await (const { key } of driver.scan(schema)) found.push(key.id);
  return found;
};

describe('With key parts in the names of collections', () => {
  test('all parts but the last name the collection, and the last is _id', async () => {
    const driver = await open([city]);
    expect(await names()).toEqual([]);
    await driver.write([putting(city, sampleKey('DE', -7, 'ulm'), { name: 'Ulm' })]);
    expect(await names()).toEqual(['city/DE/-7']);
    expect(await db.collection('city/DE/-7').findOne({})).toEqual({ _id: 'ulm', name: 'Ulm' });
    expect((await db.collection('city/DE/-7').indexes()).map(({ key }) => key)).toContainEqual({ _expires_at: 1 });
    expect(await rowOf(driver, city, sampleKey('DE', -7, 'ulm'))).toEqual(['Ulm']);
  });

  test('a scan and a count go through all collections, also those that others have made, in the order of the keys', async () => {
    const writer = await open([city]);
    const keys = [
      sampleKey('DE', 10, 'b'),
      sampleKey('DE', 9, 'z'),
      sampleKey('A', 1, 'x'),
      sampleKey('DE', 10, 'a'),
      sampleKey('', 0, ''),
    ];
    await writer.write(keys.map((key) => putting(city, key, { name: 'there' })));
    await db.createCollection('city/of others');
    await db.createCollection('city_DE');
    const driver = await open([city]);
    expect(await ids(driver, city)).toEqual(['%:0:%', 'A:1:x', 'DE:9:z', 'DE:10:a', 'DE:10:b']);
    expect(await driver.count(city)).toBe(5);
    const found = await driver.read(city, [...keys, sampleKey('FR', 1, 'x')], undefined);
    expect(found.map((entry) => entry !== null)).toEqual([true, true, true, true, true, false]);
    expect(await names()).not.toContain('city/FR/1');
  });

  test('a read of keys in several collections sees all of a write or nothing of it', async () => {
    if (!mongo.server) return;
    const { server } = mongo;
    for (const schema of [city, ranking]) {
      const [one, other] =
        schema === city ? [sampleKey('A', 1, 'x'), sampleKey('B', 1, 'x')] : [sampleKey(1, 'x'), sampleKey(2, 'x')];
      const write = (name: string) =>
        driver.write(
          [one, other].map((key) =>
            schema === city
              ? putting(city, key, { name })
              : changing(ranking, key, { type: 'add', members: [{ text: name, score: 1 }] } as never),
          ),
        );
      const driver = await open([schema]);
      await write('before');
      let finds = 0;
      // Between what is asked of the first collection and of the second.
      server.gate(async (command, body) => {
        const second = schema === city ? 'city/B/1' : 'ranking/2';
        if (command !== 'find' || body.find !== second || finds++ > 0) return;
        await write('after');
      });
      const found = await driver.read(schema, [one, other], undefined);
      server.gate(undefined);
      expect(finds).toBeGreaterThan(0);
      expect(found[0]).toEqual(found[1]);
      const later = await driver.read(schema, [one, other], undefined);
      expect(later[0]).not.toEqual(found[0]);
    }
  });

  test('members of collections lie by the same parts', async () => {
    const driver = await open([ranking]);
    const add = (year: number, text: string) =>
      changing(ranking, sampleKey(year, 'a'), { type: 'add', members: [{ text, score: 1 }] } as never);
    await driver.write([add(2026, 'x'), add(2025, 'y'), add(2025, 'z')]);
    expect(await names()).toEqual(['ranking/2025', 'ranking/2026', 'ranking_members/2025', 'ranking_members/2026']);
    expect(await db.collection('ranking_members/2025').countDocuments()).toBe(2);
    expect((await db.collection('ranking_members/2025').indexes()).map(({ name }) => name)).toContain('members');
    expect(await ids(driver, ranking)).toEqual(['2025:a', '2026:a']);
    expect(await driver.count(ranking)).toBe(2);
  });

  test('a key whose collection would have too long a name is refused, and a read of it finds nothing', async () => {
    const driver = await open([city]);
    const left = 255 - `${db.databaseName}.city//1`.length;
    const longest = sampleKey('x'.repeat(left), 1, 'a');
    await driver.write([putting(city, longest, { name: 'A' })]);
    expect(await rowOf(driver, city, longest)).toEqual(['A']);
    const tooLong = sampleKey('x'.repeat(left + 1), 1, 'a');
    const writing = driver.write([
      putting(city, sampleKey('DE', 1, 'a'), { name: 'A' }),
      putting(city, tooLong, { name: 'A' }),
    ]);
    await expect(writing).rejects.toThrow(ValidationError);
    await expect(writing).rejects.toThrow(/city has a key whose collection would have a name of 256 bytes/i);
    expect(await driver.read(city, [tooLong, longest], undefined)).toEqual([null, expect.anything()]);
    expect(await driver.count(city)).toBe(1);
  });

  test('it can be said of one entity by its name, and not of one with one key part', async () => {
    const driver = await open([city, person], { city: 'collections' });
    await driver.write([
      putting(city, sampleKey('DE', 1, 'a'), { name: 'A' }),
      putting(person, sampleKey('a'), { name: 'A' }),
    ]);
    expect(await names()).toEqual(['city/DE/1', 'person']);
    const refused = open([person], { person: 'collections' });
    await expect(refused).rejects.toThrow(MetadataError);
    await expect(refused).rejects.toThrow(/has one key part/);
  });

  test('indexes that could not be made at the first write are made at the next', async () => {
    if (!mongo.server) return;
    const driver = await open([city]);
    const write = () => driver.write([putting(city, sampleKey('DE', 1, 'a'), { name: 'A' })]);
    mongo.server.fail({ command: 'createIndexes', how: { code: 13, name: 'Unauthorized' } });
    await expect(write()).rejects.toThrow();
    expect(await driver.count(city)).toBe(0);
    expect(await write()).toMatchObject({ done: true });
    expect((await db.collection('city/DE/1').indexes()).map(({ key }) => key)).toContainEqual({ _expires_at: 1 });
  });
});

test('parts are names that no others have, and that MongoDB takes', () => {
  const storages = ['text', 'bigint', 'number'] as const;
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('%', '/', '.', '$', '\0', '2', 'F', 'a', 'é') }),
  );
  const part = fc.tuple(
    text,
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  fc.assert(
    fc.property(part, (parts) => {
      const end = endOfName(parts);
      expect(end).not.toMatch(/[$\0]|\.$|system\./);
      expect(partsOfEnd(storages, end)).toEqual(parts.map((one) => (Object.is(one, -0) ? 0 : one)));
    }),
  );
});

test.each(['', 'a', '/', '/a/b', '/a%', '/%2f', '/%', '/a/01'])('the end %j of a name is of no key', (end) => {
  const storages = end === '/a/01' ? (['text', 'integer'] as const) : (['text'] as const);
  const wanted = end === '/%' ? [''] : undefined;
  expect(partsOfEnd(storages, end)).toEqual(wanted);
});
