import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Datastore } from '@google-cloud/datastore';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ClosedError,
  Entity,
  Fallback,
  type FallbackOption,
  Field,
  Holdfast,
  Key,
  RedisHash,
  StoreUnavailableError,
  ValidationError,
} from 'holdfast';
import { datastoreDriver } from 'holdfast/fallbacks/datastore';
import { parseDatastoreUrl } from '../../../src/fallbacks/datastore/source.js';
import { type DatastoreServer, startDatastore } from '../../support/datastore/server.js';
import { startProxy } from '../../support/tcp-proxy.js';
import { until } from '../../support/until.js';
import { urlOf } from './opened.js';

@Entity()
@RedisHash()
@Fallback('archive')
class Person {
  @Key() id!: string;
  @Field() name!: string;
}

let server: DatastoreServer;
beforeAll(async () => {
  // The user's own Datastore looks for credentials also where it needs none.
  process.env.METADATA_SERVER_DETECTION = 'none';
  server = await startDatastore();
});
afterAll(() => server.stop());

const open = (archive: FallbackOption) =>
  Holdfast.open({ entities: [Person], fallbacks: { archive }, logger: false, circuitBreaker: false });

describe('the URL', () => {
  test('names a project, a namespace, a database, an endpoint, a key file and the place of the keys', () => {
    const url =
      'datastore://shop?namespace=eu&databaseId=orders&endpoint=emulator:8081&keyFile=/run/secrets/key.json&keys=kinds';
    expect(parseDatastoreUrl(url, 'x')).toEqual({
      project: 'shop',
      namespace: 'eu',
      database: 'orders',
      endpoint: 'emulator:8081',
      plain: true,
      keyFile: '/run/secrets/key.json',
      keys: 'kinds',
    });
    expect(parseDatastoreUrl('datastore://shop', 'x')).toMatchObject({ endpoint: undefined, plain: false });
    expect(parseDatastoreUrl('datastore://shop?endpoint=https://eu.example', 'x')).toMatchObject({
      endpoint: 'eu.example',
      plain: false,
    });
  });

  test.each([
    ['datastore://', /it names no project/],
    ['datastore:shop', /it names no project/],
    ['datastore://shop/a/b', /it has a path/],
    ['datastore://shop?space=eu', /it has the parameter 'space'/],
    ['datastore://shop?keys=there', /its keys is 'there'/],
    ['datastore://ann:hunter2@shop', /has no user and password/],
  ])('%s is refused with a reason, and without what may be a secret', (url, message) => {
    const making = () => datastoreDriver({ source: url, name: 'archive' });
    expect(making).toThrow(ValidationError);
    expect(making).toThrow(message);
    expect(making).not.toThrow(/hunter2/);
  });
});

test('an entity is found by its URL, by a Datastore of the user, which stays open, and by the driver', async () => {
  const datastore = new Datastore({ projectId: 'holdfast-test', namespace: 'ns', apiEndpoint: server.address });
  const written = await open(urlOf(server));
  await written.repository(Person).save({ id: 'ann', name: 'Ann' });
  await written.close();
  const read = await open(datastore);
  expect((await read.repository(Person).find('ann'))?.name).toBe('Ann');
  await read.close();
  const [entity] = await datastore.get(datastore.key(['person', 'ann']));
  expect(entity).toMatchObject({ name: 'Ann' });
  const driven = await open(datastoreDriver({ source: urlOf(server) }));
  expect((await driven.repository(Person).find('ann'))?.name).toBe('Ann');
  await driven.close();
});

test('a driver that two holdfasts were given is closed with the second of them', async () => {
  const driver = datastoreDriver({ source: urlOf(server) });
  const [one, other] = [await open(driver), await open(driver)];
  await one.repository(Person).save({ id: 'dora', name: 'Dora' });
  await one.close();
  expect((await other.repository(Person).find('dora'))?.name).toBe('Dora');
  await other.close();
  await expect(driver.write([])).rejects.toBeInstanceOf(ClosedError);
});

test('an endpoint that does not speak TLS where it should is a fault of open, in which nothing of a key file is said', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-datastore-'));
  const keyFile = join(directory, 'key.json');
  const secret = 'hunter2'.repeat(20);
  await writeFile(
    keyFile,
    JSON.stringify({
      type: 'service_account',
      client_email: 'a@shop.example',
      private_key: secret,
      project_id: 'shop',
    }),
  );
  const said: string[] = [];
  const log = (...args: readonly unknown[]) => said.push(inspect(args, { depth: 20, showHidden: true }));
  const logger = { info: log, warn: log, error: log };
  const archive = `datastore://shop?keyFile=${encodeURIComponent(keyFile)}&endpoint=https://localhost:${server.port}`;
  const error = await Holdfast.open({ entities: [Person], fallbacks: { archive }, logger }).catch(
    (one: unknown) => one,
  );
  expect(error).toBeInstanceOf(Error);
  expect(inspect([error, (error as Error).stack], { depth: 20, showHidden: true }) + said.join('')).not.toContain(
    'hunter2',
  );
  await rm(directory, { recursive: true, force: true });
});

test('an outage of the service is StoreUnavailableError, never that an entity does not exist', async () => {
  const proxy = await startProxy(server);
  const holdfast = await open(urlOf(proxy));
  try {
    const people = holdfast.repository(Person);
    await people.save({ id: 'ben', name: 'Ben' });
    proxy.cut();
    // What is hot is served on; what is not cannot be.
    for (const call of [
      () => people.find('carl'),
      () => people.exists('carl'),
      () => people.save({ id: 'carl', name: 'C' }),
    ])
      await expect(call()).rejects.toBeInstanceOf(StoreUnavailableError);
    expect((await people.find('ben'))?.name).toBe('Ben');
    proxy.resume();
    await until('it is found again that it is not there', async () => {
      const found = await people.exists('carl').catch(() => 'unavailable');
      return found === false;
    });
  } finally {
    await holdfast.close();
    await proxy.stop();
  }
});
