import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { StoreUnavailableError, ValidationError } from '../../../src/core/errors.js';
import { type FallbackDriver, StoreFault } from '../../../src/core/fallback-driver.js';
import { mongodbDriver } from '../../../src/fallbacks/mongodb/driver.js';
import { defineEntity, Holdfast, RedisHash } from '../../../src/index.js';
import { sampleCollection } from '../../../src/testing/sample-collections.js';
import { sampleKey, sampleSchema } from '../../../src/testing/sample-schema.js';
import { type MongoServer, type MongoServerOptions, mongoServer } from '../../support/mongo-server.js';
import { changing, driverOptions, putting, rowOf } from '../typeorm/context.js';

const schema = sampleSchema({ name: 'sample', fields: { name: 'string', count: 'integer' } });
const ranking = sampleCollection({ name: 'ranking', structure: 'sorted-set' });
const TIMEOUT = 1500;

let server: MongoServer;
const drivers: FallbackDriver[] = [];

async function open(options: MongoServerOptions = {}): Promise<FallbackDriver> {
  server = await mongoServer(options);
  const driver = mongodbDriver({ source: `${server.url}shop`, name: 'home' });
  await driver.open([schema, ranking], driverOptions({ statementTimeout: TIMEOUT }));
  drivers.push(driver);
  return driver;
}

beforeEach(() => {
  drivers.length = 0;
});
afterEach(async () => {
  server?.heal();
  for (const driver of drivers) await driver.close();
  await server?.stop();
  expect(server?.unknown ?? []).toEqual([]);
});

const fault = async (call: Promise<unknown>): Promise<StoreFault> => {
  const error: unknown = await call.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(StoreFault);
  return error as StoreFault;
};

const both = [putting(schema, 'a', { name: 'A' }), putting(schema, 'b', { name: 'B' })];

describe('A write in a transaction', () => {
  test.each(['cut before', 'cut after'] as const)(
    'is made once where its commit is sent again, whose connection was %s it was made',
    async (how) => {
      const driver = await open();
      server.fail({ command: 'commitTransaction', how });
      expect(await driver.write(both)).toMatchObject({ done: true });
      expect(await rowOf(driver, schema, 'b')).toEqual(['B', undefined]);
      expect(server.commands.filter((name) => name === 'commitTransaction').length).toBeGreaterThanOrEqual(1);
    },
  );

  test('is of unknown outcome where no commit is answered', async () => {
    const driver = await open();
    server.fail({ command: 'commitTransaction', how: 'hang after', times: 1000 });
    const error = await fault(driver.write(both));
    expect(error.outcome).toBe('unknown');
    expect(error.unknownFor).toBe(TIMEOUT);
    server.heal();
    expect(await rowOf(driver, schema, 'a')).toEqual(['A', undefined]);
  });

  test('is not made where the connection is cut before its commit, and says so', async () => {
    const driver = await open();
    server.fail({ command: 'update', how: 'cut after', times: 1000 });
    const error = await fault(driver.write(both));
    expect(error.outcome).toBe('none');
    server.heal();
    expect(await rowOf(driver, schema, 'a')).toBeNull();
  });

  test('begins again where another wrote the same, and leaves nothing of its first try', async () => {
    const driver = await open();
    await driver.write([putting(schema, 'a', { count: 1 })]);
    const other = mongodbDriver({ source: `${server.url}shop` });
    await other.open([schema], driverOptions());
    drivers.push(other);
    let once = true;
    server.gate(async (command, body) => {
      if (command !== 'update' || body.autocommit !== false || !once) return;
      once = false;
      await other.write([changing(schema, 'a', { type: 'increment', field: 1, by: 10 })]);
    });
    const result = await driver.write([
      changing(schema, 'a', { type: 'increment', field: 1, by: 1 }),
      putting(schema, 'b', { name: 'B' }),
    ]);
    expect(result).toMatchObject({ done: true });
    expect(await rowOf(driver, schema, 'a')).toEqual([undefined, 12]);
  });

  test('begins again where the primary steps down before it commits', async () => {
    const driver = await open();
    server.fail({
      command: 'update',
      how: { code: 10107, name: 'NotWritablePrimary', labels: ['TransientTransactionError'] },
    });
    expect(await driver.write(both)).toMatchObject({ done: true });
    expect(server.open.transactions).toBe(0);
  });

  test('sends one bulk write an entity', async () => {
    const driver = await open();
    server.commands.splice(0);
    await driver.write([...both, putting(schema, 'c', { name: 'C' })]);
    expect(server.commands).toEqual(['update', 'commitTransaction']);
  });
});

describe('A write of one entity', () => {
  test.each([
    ['put', putting(schema, 'a', { name: 'A' }), ['update']],
    ['insert', putting(schema, 'b', { name: 'A' }, { expect: 'absent' }), ['update']],
    ['patch', changing(schema, 'old', { type: 'patch', set: new Map([[0, 'x']]) }), ['findAndModify']],
    ['increment', changing(schema, 'old', { type: 'increment', field: 1, by: 2 }), ['findAndModify']],
    ['delete', changing(schema, 'old', { type: 'delete' }), ['delete']],
  ] as const)('takes one round trip: %s', async (_, change, commands) => {
    const driver = await open();
    await driver.write([putting(schema, 'old', { name: 'old', count: 1 })]);
    server.commands.splice(0);
    expect(await driver.write([change])).toMatchObject({ done: true });
    expect(server.commands).toEqual(commands);
  });

  test.each([
    ['hang before', 'unknown'],
    ['hang after', 'unknown'],
    ['cut before', 'unknown'],
    ['cut after', 'unknown'],
    [{ code: 10107, name: 'NotWritablePrimary' }, 'none'],
    [{ code: 11602, name: 'InterruptedDueToReplStateChange' }, 'unknown'],
    [{ code: 13, name: 'Unauthorized' }, 'none'],
  ] as const)('that meets %j has the outcome %s', async (how, outcome) => {
    const driver = await open();
    server.fail({ command: 'update', how });
    const error = await fault(driver.write([putting(schema, 'a', { name: 'A' })]));
    expect(error.outcome).toBe(outcome);
    expect(error.message).toMatch(/^Fallback 'home' \(127\.0\.0\.1:\d+\/shop\) /);
  });

  test('reads that meet an outage say that nothing was written', async () => {
    const driver = await open();
    server.fail({ command: 'find', how: 'hang before', times: 100 });
    expect((await fault(driver.read(schema, [sampleKey('a')], undefined))).outcome).toBe('none');
  });

  test('of a server that is gone is certainly not made', async () => {
    const driver = await open();
    await server.stop();
    const started = performance.now();
    // The first one may find a connection that ends under it.
    await fault(driver.write([putting(schema, 'a', { name: 'A' })]));
    const error = await fault(driver.write([putting(schema, 'a', { name: 'A' })]));
    expect(error.outcome).toBe('none');
    expect(performance.now() - started).toBeLessThan(10 * TIMEOUT);
    await server.start();
    await driver.write([putting(schema, 'a', { name: 'again' })]);
    expect(await rowOf(driver, schema, 'a')).toEqual(['again', undefined]);
  });

  test('that is larger than a document can be is refused before anything is sent', async () => {
    const driver = await open();
    const large = sampleSchema({ name: 'sample', fields: { name: 'string' } });
    server.commands.splice(0);
    await expect(driver.write([putting(large, 'a', { name: 'x'.repeat(17 * 2 ** 20) })])).rejects.toThrow(
      /^Sample takes 178\d+ bytes as a document, but MongoDB takes at most 16777216; nothing was written\./,
    );
    expect(server.commands).toEqual([]);
    await driver.write([putting(large, 'a', { name: 'x'.repeat(15 * 2 ** 20) })]);
  });
});

describe('Without transactions', () => {
  const add = (key: string, ...texts: readonly string[]) =>
    changing(ranking, key, { type: 'add', members: texts.map((text) => ({ text, score: 1 })) } as never);
  const texts = async (driver: FallbackDriver) => {
    const [entry] = await driver.read(ranking, [sampleKey('a')], undefined);
    return [...(entry!.value as [{ ordered: Iterable<{ text: string }> }])[0].ordered].map(({ text }) => text);
  };

  test('several changes are refused, with the reason', async () => {
    const driver = await open({ replicaSet: false });
    expect(driver.capabilities.transactions).toBe(false);
    await expect(driver.write(both)).rejects.toThrow(/stands alone, which has no transactions; nothing was written\./);
  });

  test('a change of members whose writer dies in it is finished by whoever comes next', async () => {
    const driver = await open({ replicaSet: false });
    await driver.write([add('a', 'old', 'gone')]);
    // The head has taken it on; the members have not.
    let updates = 0;
    server.gate((command, body) => {
      if (command === 'update' && body.update === 'ranking_members' && updates++ === 0)
        server.fail({ command: 'update', how: 'cut before', times: 1 });
    });
    const error = await fault(driver.write([add('a', 'new', 'newer')]).then(() => driver.write([add('a', 'last')])));
    expect(error.outcome).toBe('unknown');
    server.gate(undefined);
    server.heal();
    const all = await texts(driver);
    expect(all).toEqual(expect.arrayContaining(['gone', 'new', 'newer', 'old']));
    const [size] = await driver.read(ranking, [sampleKey('a')], { id: 'size', type: 'size' });
    expect((size!.value as { numbers: number[] }).numbers).toEqual([all.length]);
  });

  test('a reader never sees a part of a change', async () => {
    const driver = await open({ replicaSet: false });
    await driver.write([add('a', 'x')]);
    const seen = new Set<number>();
    let writing = true;
    const writes = (async () => {
      for (let at = 0; at < 15; at++) await driver.write([add('a', ...[0, 1, 2, 3].map((n) => `m${at}-${n}`))]);
    })().finally(() => {
      writing = false;
    });
    const reads = (async () => {
      while (writing) seen.add((await texts(driver)).length % 4);
    })();
    await Promise.all([writes, reads]);
    expect([...seen]).toEqual([1]);
  });
});

describe('Outages through the repositories', () => {
  const Person = defineEntity({
    name: 'person',
    kind: RedisHash(),
    key: { id: 'string' },
    fields: { name: 'string' },
    fallback: 'home',
  });

  test('a server that is gone is StoreUnavailableError, never "not found"', async () => {
    server = await mongoServer();
    const holdfast = await Holdfast.open({
      entities: [Person],
      redis: false,
      fallbacks: { home: `${server.url}shop` },
      circuitBreaker: { timeout: 500 },
      logger: false,
    });
    const people = holdfast.repository(Person);
    await people.save({ id: 'a', name: 'A' });
    await server.stop();
    await expect(people.find('nobody')).rejects.toBeInstanceOf(StoreUnavailableError);
    await expect(people.save({ id: 'b', name: 'B' })).rejects.toBeInstanceOf(StoreUnavailableError);
    await holdfast.close();
  });

  test('a Db of a client is used as it is, and left open', async () => {
    server = await mongoServer();
    const client = new MongoClient(server.url);
    const holdfast = await Holdfast.open({
      entities: [Person],
      redis: false,
      fallbacks: { home: client.db('shop') },
      logger: false,
    });
    await holdfast.repository(Person).save({ id: 'a', name: 'A' });
    await holdfast.close();
    expect(await client.db('shop').collection('person').findOne({})).toEqual({ _id: 'a', name: 'A' });
    await client.close();
  });

  test('a wrong password is told without it, and without the user', async () => {
    server = await mongoServer();
    const url = `mongodb://alice:s3cr%40t@127.0.0.1:${server.port}/shop`;
    const error: unknown = await Holdfast.open({
      entities: [Person],
      redis: false,
      fallbacks: { home: url },
      logger: false,
    }).then(
      () => undefined,
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(StoreUnavailableError);
    const { message } = error as Error;
    expect(message).toContain('refused the login');
    for (let at: unknown = error; at instanceof Error; at = at.cause)
      expect(`${at.message}${at.stack}${JSON.stringify(at)}`).not.toMatch(/s3cr|alice/);
  });

  test.each([
    ['mongodb://alice:s3cr@/shop', /cannot be read/],
    ['mongodb://alice:s3cr@localhost', /without a database \(localhost\)/],
    ['mongodb://alice:s3cr@localhost/shop?tls=perhaps', /cannot be used/],
    ['mongodb://alice:s3cr@localhost/shop?noSuchOption=1', /cannot be used/],
  ])('the URL %s is refused, and not shown', async (url, fact) => {
    const opening = Holdfast.open({ entities: [Person], redis: false, fallbacks: { home: url }, logger: false });
    const error: Error = await opening.then(
      () => new Error('opened'),
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.message).toMatch(fact);
    expect(error.message).not.toMatch(/s3cr|alice/);
  });

  test('a server that is too old is refused, with the reason', async () => {
    server = await mongoServer({ wireVersion: 9 });
    await expect(
      Holdfast.open({ entities: [Person], redis: false, fallbacks: { home: `${server.url}shop` }, logger: false }),
    ).rejects.toThrow(/is older than MongoDB 5\.0/);
  });
});
