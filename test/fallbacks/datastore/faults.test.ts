import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { StoreFault } from '../../../src/core/fallback-driver.js';
import { faultOf } from '../../../src/fallbacks/datastore/faults.js';
import { sampleKey, sampleSchema } from '../../../src/testing/sample-schema.js';
import { type DatastoreServer, startDatastore } from '../../support/datastore/server.js';
import { startProxy } from '../../support/tcp-proxy.js';
import { until } from '../../support/until.js';
import { changing, done, putting, rowOf } from '../typeorm/context.js';
import { callsOf, entitiesOf, withDatastore } from './opened.js';

const person = sampleSchema({ name: 'person', fields: { name: 'string', age: 'integer' } });
const increment = (id: string) => changing(person, id, { type: 'increment', field: 1, by: 1 });
const caught = (call: Promise<unknown>) => call.then(() => undefined).catch((error: unknown) => error);

let server: DatastoreServer;
beforeEach(async () => {
  server = await startDatastore();
});
afterEach(() => server.stop());

test('a write that the service is too late to answer is unknown for as long as it may land, and is not sent again', async () => {
  await withDatastore(
    server,
    [person],
    async (driver) => {
      server.fail({ method: 'Commit', when: 'after' });
      const fault = await caught(driver.write([putting(person, 'a', { name: 'landed' })]));
      expect(fault).toMatchObject({ name: 'StoreFault', outcome: 'unknown', unknownFor: 300 });
      expect((fault as Error).message).toMatch(
        /^Fallback 'archive' \(project holdfast-test, 127\.0\.0\.1:\d+\) gave no answer in time \(.+\)\. Whether the write was made is not known\.$/,
      );
      expect(callsOf(server)).toEqual({ Commit: 1 });
      expect(await rowOf(driver, person, 'a')).toEqual(['landed', undefined]);
    },
    { statementTimeout: 300 },
  );
});

test.each(['UNAVAILABLE', 'INTERNAL', 'DEADLINE_EXCEEDED'] as const)(
  'a commit that is answered with %s is unknown, and made no second time, also in a transaction',
  async (code) => {
    await withDatastore(server, [person], async (driver) => {
      await done(driver, putting(person, 'a', { age: 1 }), putting(person, 'b', { age: 1 }));
      for (const changes of [[increment('a')], [increment('a'), increment('b')]]) {
        server.fail({ method: 'Commit', when: 'after', code });
        server.forget();
        expect(await caught(driver.write(changes))).toMatchObject({ name: 'StoreFault', outcome: 'unknown' });
        expect(callsOf(server).Commit).toBe(1);
      }
      expect(await rowOf(driver, person, 'a')).toEqual([undefined, 3]);
      expect(await rowOf(driver, person, 'b')).toEqual([undefined, 2]);
    });
  },
);

test('a transaction that the service aborts is made again, and its changes once', async () => {
  await withDatastore(server, [person], async (driver) => {
    await done(driver, putting(person, 'a', { age: 1 }), putting(person, 'b', { age: 1 }));
    server.fail({ method: 'Commit', code: 'ABORTED', times: 3 });
    await done(driver, increment('a'), increment('b'));
    expect(await rowOf(driver, person, 'a')).toEqual([undefined, 2]);
    server.fail({ method: 'Commit', code: 'ABORTED', times: 2 });
    await done(driver, increment('a'));
    expect(await rowOf(driver, person, 'a')).toEqual([undefined, 3]);
    expect(server.service.store.openTransactions).toBe(0);
  });
});

test('a write that is aborted again and again is given up in time, with nothing written', async () => {
  await withDatastore(
    server,
    [person],
    async (driver) => {
      await done(driver, putting(person, 'a', { age: 1 }), putting(person, 'b', { age: 1 }));
      server.fail({ method: 'Commit', code: 'ABORTED', times: 1000 });
      const fault = (await caught(driver.write([increment('a'), increment('b')]))) as StoreFault;
      expect(fault).toBeInstanceOf(StoreFault);
      expect(fault.outcome).toBe('none');
      expect(fault.message).toMatch(/others changed the same entities each of the \d+ times it was tried/);
    },
    { statementTimeout: 500 },
  );
});

test('a change of one row is made to what was read, or again to what somebody else has made of it', async () => {
  await withDatastore(server, [person], (one) =>
    withDatastore(server, [person], async (other) => {
      await done(one, putting(person, 'a', { age: 1 }));
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      server.fail({ method: 'Commit', gate });
      server.forget();
      const slow = one.write([increment('a')]);
      await until('the commit has come in', async () => callsOf(server).Commit === 1);
      await done(other, increment('a'));
      release();
      expect(await slow).toMatchObject({ done: true, outcomes: [{ entry: { value: [undefined, 3] } }] });
      expect(await rowOf(one, person, 'a')).toEqual([undefined, 3]);
    }),
  );
});

test('a read is made again where the service was away for a moment, and a fault where it stays away', async () => {
  await withDatastore(server, [person], async (driver) => {
    await done(driver, putting(person, 'a', { age: 1 }));
    server.fail({ method: 'Lookup', code: 'UNAVAILABLE', times: 2 });
    expect(await rowOf(driver, person, 'a')).toEqual([undefined, 1]);
    server.fail({ method: 'Lookup', code: 'UNAVAILABLE', times: 3 });
    expect(await caught(rowOf(driver, person, 'a'))).toMatchObject({ name: 'StoreFault', outcome: 'none' });
    expect(await rowOf(driver, person, 'a')).toEqual([undefined, 1]);
  });
});

test.each([
  ['PERMISSION_DENIED', /does not allow this account to do it .* Grant it the role/],
  ['UNAUTHENTICATED', /refused the credentials .* Check the key file/],
  ['RESOURCE_EXHAUSTED', /has no quota left/],
] as const)('%s is a fault with a remedy, of which nothing was written', async (code, message) => {
  await withDatastore(server, [person], async (driver) => {
    server.fail({ method: 'Commit', code, message: 'Bearer ya29.secret-token was no good' });
    const fault = (await caught(driver.write([putting(person, 'a', {})]))) as StoreFault;
    expect(fault).toMatchObject({ name: 'StoreFault', outcome: 'none' });
    expect(fault.message).toMatch(message);
    expect(JSON.stringify([fault, fault.cause, fault.message, String(fault.cause)])).not.toContain('secret-token');
  });
});

test('nothing that an error of the client carries along is in a fault', () => {
  const error = Object.assign(new Error('invalid_grant: assertion=hunter2&scope=all was refused'), {
    config: { data: 'assertion=hunter2', headers: { Authorization: 'Bearer hunter2' } },
    response: { request: { body: 'hunter2' } },
  });
  const fault = faultOf({ subject: "fallback 'archive'", timeout: 1 }, error, 'reading');
  expect(inspect(fault, { depth: 20, showHidden: true })).not.toContain('hunter2');
  expect(fault.message).toContain('invalid_grant');
});

test('a write that cannot be sent is a fault of which nothing was written, and all is well when the service is back', async () => {
  const proxy = await startProxy(server);
  try {
    await withDatastore(proxy, [person], async (driver) => {
      await done(driver, putting(person, 'a', { name: 'A' }));
      proxy.cut();
      const fault = await until('a write that is refused before it is sent', async () => {
        const error = await caught(driver.write([putting(person, 'a', { name: 'lost' })]));
        return error instanceof StoreFault && error.outcome === 'none' ? error : undefined;
      });
      expect(fault.message).toMatch(/^Fallback 'archive' \(.+\) cannot be reached/);
      expect(await caught(rowOf(driver, person, 'a'))).toMatchObject({ outcome: 'none' });
      proxy.resume();
      await until('it answers again', async () => (await caught(driver.count(person))) === undefined);
      expect(await rowOf(driver, person, 'a')).toEqual(['A', undefined]);
    });
  } finally {
    await proxy.stop();
  }
});

test('a write whose answer is lost with the connection is unknown, though it was made', async () => {
  const proxy = await startProxy(server);
  try {
    await withDatastore(proxy, [person], async (driver) => {
      await done(driver, putting(person, 'first', {}));
      proxy.stall('replies');
      const write = caught(driver.write([putting(person, 'a', { name: 'landed' })]));
      await until('it is there', async () => entitiesOf(server, 'person').length === 2);
      proxy.cut();
      expect(await write).toMatchObject({ name: 'StoreFault', outcome: 'unknown' });
      proxy.resume();
      await until('it answers again', async () => (await caught(driver.count(person))) === undefined);
      expect(await rowOf(driver, person, 'a')).toEqual(['landed', undefined]);
    });
  } finally {
    await proxy.stop();
  }
});

test('a service that never answers is a fault in time, of reads as of transactions, and keeps no close waiting', async () => {
  await withDatastore(
    server,
    [person],
    async (driver) => {
      server.fail({ method: 'Lookup', times: 10 });
      const start = performance.now();
      const faults = await Promise.all([
        caught(driver.read(person, [sampleKey('a')], undefined)),
        caught(driver.write([increment('a'), increment('b')])),
      ]);
      for (const fault of faults) expect(fault).toMatchObject({ name: 'StoreFault', outcome: 'none' });
      expect(performance.now() - start).toBeLessThan(5_000);
    },
    { statementTimeout: 200 },
  );
});
