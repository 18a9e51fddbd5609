import { expect, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { ClosedError, MetadataError } from '../../src/core/errors.js';
import type { FallbackDriver } from '../../src/core/fallback-driver.js';
import { compareKeys } from '../../src/core/key-order.js';
import type { Row, Schema } from '../../src/core/schema.js';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { sampleKey, sampleSchema } from '../../src/testing/sample-schema.js';

const item = sampleSchema({ name: 'item', fields: { name: 'string', count: 'integer' } });
const silent = { info() {}, warn() {}, error() {} };
const options = { synchronize: undefined, clock: systemClock, logger: silent, statementTimeout: 1000 };

const put = (driver: FallbackDriver, id: string, name: string, expiresAt?: number, schema: Schema = item) =>
  driver.write([{ schema, key: sampleKey(id), change: { type: 'put', row: [name, 0], expiresAt } as never }]);

const name = async (driver: FallbackDriver, id: string) => {
  const [entry] = await driver.read(item, [sampleKey(id)], undefined);
  return (entry?.value as Row | undefined)?.[0];
};

test('what is in memory lives as long as its driver, however often it is closed and opened', async () => {
  const driver = memoryDriver();
  await expect(name(driver, 'a')).rejects.toThrow(ClosedError);
  await driver.open([item], options);
  await put(driver, 'a', 'A');
  await driver.close();
  await expect(name(driver, 'a')).rejects.toThrow("The store 'memory' is closed");
  await driver.open([item], options);
  expect(await name(driver, 'a')).toBe('A');
});

test('a driver that several have opened is open until all have closed it', async () => {
  const driver = memoryDriver({ name: 'shared' });
  await driver.open([item], options);
  await driver.open([item], options);
  await driver.close();
  await put(driver, 'a', 'A');
  await driver.close();
  await expect(name(driver, 'a')).rejects.toThrow("The store 'shared' is closed");
});

test('an entity of other fields is refused while there are entries of it, and taken when there are none', async () => {
  const changed = sampleSchema({ name: 'item', fields: { title: 'string' } });
  const driver = memoryDriver();
  await driver.open([item], options);
  await put(driver, 'a', 'A');
  await expect(driver.open([changed], options)).rejects.toThrow(MetadataError);
  expect(await name(driver, 'a')).toBe('A');
  await driver.write([{ schema: item, key: sampleKey('a'), change: { type: 'delete' } }]);
  await driver.open([changed], options);
  await put(driver, 'a', 'A', undefined, changed);
  expect(await driver.count(changed)).toBe(1);
});

test('a store starts no timers, and forgets what has expired while others are written', async () => {
  const clock = fakeClock(1000);
  const driver = memoryDriver();
  await driver.open([item], { ...options, clock });
  let kept = 0;
  for (let at = 0; at < 100; at++) await put(driver, `old-${at}`, 'x', 2000);
  expect(clock.pending).toBe(0);
  await clock.advance(5000);
  for (let at = 0; at < 200; at++) await put(driver, `new-${at}`, 'x', 90_000);
  // Set back, the clock would show again whatever is still there.
  const back = fakeClock(1000);
  await driver.open([item], { ...options, clock: back });
  for await (const { key } of driver.scan(item)) if (key.id.startsWith('old-')) kept++;
  expect(kept).toBe(0);
});

test('nobody sees a write that is taken back', async () => {
  const driver = memoryDriver();
  await driver.open([item], options);
  await put(driver, 'a', 'A');
  const changes = [
    { schema: item, key: sampleKey('a'), change: { type: 'put', row: ['B', 1] } },
    { schema: item, key: sampleKey('b'), change: { type: 'put', row: ['B', 1] } },
    { schema: item, key: sampleKey('c'), change: { type: 'patch', set: new Map() } },
  ];
  const writing = driver.write(changes as never);
  expect([await name(driver, 'a'), await name(driver, 'b')]).toEqual(['A', undefined]);
  expect(await writing).toMatchObject({ done: false, index: 2, outcome: { status: 'missing' } });
});

test('keys are in the order of their parts: numbers by value, text by code points as in UTF-8', () => {
  const texts = [
    '',
    '\0',
    ' ',
    '%',
    '0',
    '10',
    '9',
    'A',
    'B',
    'Z',
    'a',
    'a ',
    'aa',
    'ab',
    'b',
    'ß',
    'é',
    '\ud7ff',
    '\ue000',
    '\uffff',
    '\u{10000}',
    '😀',
    '😁',
    '\u{10ffff}',
  ];
  const utf8 = [...texts].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const keys = texts.map((text) => sampleKey(text)).reverse();
  expect(keys.sort(compareKeys).map(({ parts }) => parts[0])).toEqual(utf8);
  const numbers = [-5, -0.5, 0, 0.1, 2, 10, 1e21];
  expect(
    numbers
      .map((one) => sampleKey(one))
      .reverse()
      .sort(compareKeys)
      .map(({ parts }) => parts[0]),
  ).toEqual(numbers);
  const several = [sampleKey('a', 2n), sampleKey('a', 10n), sampleKey('b', -1n)];
  expect([...several].reverse().sort(compareKeys)).toEqual(several);
  expect(compareKeys(sampleKey('x', 1), sampleKey('x', 1))).toBe(0);
});
