import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { membersOf, type Structure, valueOfMembers } from '../../src/core/collection.js';
import { CorruptEntryError } from '../../src/core/errors.js';
import type { FallbackDriver } from '../../src/core/fallback-driver.js';
import type { CollectionChange } from '../../src/core/kind.js';
import type { Row, Schema } from '../../src/core/schema.js';
import { fileDriver } from '../../src/fallbacks/file/driver.js';
import { entryPath } from '../../src/fallbacks/file/paths.js';
import { membersFor, type SampleMembers, sampleCollection } from '../../src/testing/sample-collections.js';
import { sampleKey } from '../../src/testing/sample-schema.js';

const key = sampleKey('a');
let directory: string;
let driver: FallbackDriver;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'holdfast-file-'));
  driver = fileDriver({ directory });
  const silent = { info() {}, warn() {}, error() {} };
  await driver.open([], { synchronize: undefined, clock: systemClock, logger: silent, statementTimeout: 10_000 });
});
afterEach(async () => {
  await driver.close();
  await rm(directory, { recursive: true, force: true });
});

const schemaOf = (structure: Structure) => sampleCollection({ name: 'things', structure });
const write = (schema: Schema, change: CollectionChange) => driver.write([{ schema, key, change }]);
const put = (schema: Schema, members: SampleMembers) =>
  write(schema, { type: 'put', row: valueOfMembers(membersFor(schema.kind.structure!, members)) as Row });
const fileOf = (schema: Schema) => path.join(directory, entryPath(schema, key));
const read = async (schema: Schema) => {
  const [entry] = await driver.read(schema, [key], undefined);
  return entry && [...membersOf(entry.value).ordered];
};

describe('the document of a collection', () => {
  test('has each member in a line, in their order, with what JSON has no number for as text', async () => {
    const schema = schemaOf('sorted-set');
    await put(schema, [
      ['top', Number.POSITIVE_INFINITY],
      ['b', 1 / 3],
      ['a "quoted"\n', 1 / 3],
      ['zero', -0],
      ['low', Number.NEGATIVE_INFINITY],
    ]);
    expect(await readFile(fileOf(schema), 'utf8')).toBe(`{
  "entity": "things",
  "id": "a",
  "key": { "id": "a" },
  "fields": {
    "members": [
      ["low", "-inf"],
      ["zero", "-0"],
      ["a \\"quoted\\"\\n", 0.3333333333333333],
      ["b", 0.3333333333333333],
      ["top", "inf"]
    ]
  }
}
`);
    expect((await read(schema))![1]).toEqual({ text: 'zero', score: -0 });
  });

  test.each([
    ['list', ['b', 'a', 'b'], ['b', 'a', 'b']],
    ['set', ['b', 'a'], ['a', 'b']],
  ] as const)('of a %s has nothing but its items', async (structure, given, kept) => {
    const schema = schemaOf(structure);
    await put(schema, given);
    expect(JSON.parse(await readFile(fileOf(schema), 'utf8')).fields).toEqual({ members: kept });
    await put(schema, []);
    expect(JSON.parse(await readFile(fileOf(schema), 'utf8')).fields).toEqual({ members: [] });
  });

  test('can be written by people, in any order', async () => {
    const schema = schemaOf('sorted-set');
    await put(schema, [['x', 1]]);
    const text = await readFile(fileOf(schema), 'utf8');
    await writeFile(fileOf(schema), text.replace('["x", 1]', '["b", 2], ["a", 2], ["c", 1e0]'));
    expect(await read(schema)).toEqual([
      { text: 'c', score: 1 },
      { text: 'a', score: 2 },
      { text: 'b', score: 2 },
    ]);
  });
});

describe.each([
  [
    'sorted-set',
    '["x", 1]',
    ['"x"', '["x"]', '["x", "1e"]', '["x", ""]', '["x", null]', '[1, 1]', '["x", 1], ["x", 2]', 'null', '{}'],
  ],
  ['set', '"x"', ['1', '["x"]', '"x", "x"', 'null']],
  ['list', '"x"', ['1', '["x"]', 'null']],
] as const)('a document of a %s', (structure, good, damages) => {
  test.each([...damages])('with %s in place of a member is told as damaged, and can be replaced', async (damage) => {
    const schema = schemaOf(structure);
    await put(schema, ['sorted-set' === structure ? ['x', 1] : 'x']);
    const text = await readFile(fileOf(schema), 'utf8');
    expect(text).toContain(good);
    await writeFile(fileOf(schema), text.replace(good, damage));
    const change: CollectionChange =
      structure === 'list' ? { type: 'pop', end: 'last' } : { type: 'remove', texts: ['x'] };
    for (const call of [() => read(schema), () => write(schema, change)]) {
      const error = await call().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(CorruptEntryError);
      expect((error as Error).message).toContain(fileOf(schema));
    }
    await put(schema, []);
    expect(await read(schema)).toEqual([]);
  });

  test.each(['{}', '{ "members": {} }', '{ "members": null }', '{ "members": "x" }'])(
    'with %s for its fields is told as damaged',
    async (fields) => {
      const schema = schemaOf(structure);
      await put(schema, []);
      const text = await readFile(fileOf(schema), 'utf8');
      await writeFile(fileOf(schema), text.replace(/\{\s*"members": \[\]\s*\}/, fields));
      await expect(read(schema)).rejects.toBeInstanceOf(CorruptEntryError);
    },
  );
});
