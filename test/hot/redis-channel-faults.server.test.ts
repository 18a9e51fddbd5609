import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { startProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { runTsChild } from '../support/ts-child.js';
import { until } from '../support/until.js';
import { ChannelBench } from './redis-channel-bench.js';

const bench = new ChannelBench();
const OPENED = ['doubt', 'up'];
const BROKEN = ['doubt', 'down', 'doubt', 'up'];

let server: RedisServer;
let raw: Redis;
const proxies: TcpProxy[] = [];

beforeAll(async () => {
  server = await startRedis();
  raw = new Redis(server.url);
});
afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()));
});
afterAll(async () => {
  raw?.disconnect();
  await server?.stop();
});

const proxied = async () => {
  const proxy = await startProxy({ port: server.port });
  proxies.push(proxy);
  return { proxy, url: `redis://127.0.0.1:${proxy.port}` };
};
const subscribers = async () => ((await raw.client('LIST', 'TYPE', 'PUBSUB')) as string).split('\n').length - 1;

describe('a channel that breaks', () => {
  test('is in doubt at once, and again when it listens anew', async () => {
    const ear = await bench.listen(server.url);
    expect(ear.events).toEqual(OPENED);
    await raw.client('KILL', 'TYPE', 'pubsub');
    await ear.heard('up', 2);
    expect(ear.events).toEqual([...OPENED, ...BROKEN]);
    await bench.drop(await bench.open(server.url), 'a');
    await ear.heard('person a');
  });

  test('says since when, and why', async () => {
    const user = (...rules: string[]) => raw.call('ACL', 'SETUSER', 'bob', 'on', '>s', '~*', '+@all', ...rules);
    await user('resetchannels', `&${bench.namespace}:*`);
    const clock = fakeClock(1000);
    const ear = await bench.listen(`redis://bob:s@127.0.0.1:${server.port}`, { clock });
    expect(ear.invalidation.status()).toEqual({ state: 'up', since: 1000 });
    await clock.advance(500);
    // Redis cuts those who listen to what they may not any more.
    await user('resetchannels');
    await ear.heard('down');
    expect(ear.invalidation.status()).toEqual({ state: 'down', since: 1500, cause: expect.any(StoreFault) });
    await until('another try has failed', async () => {
      await clock.advance(100);
      return /^Redis at 127.0.0.1:\d+ does not let its user .*NOPERM.* Allow it: ACL SETUSER/.test(
        (ear.invalidation.status().cause as Error).message,
      );
    });
    expect(ear.invalidation.status()).toMatchObject({ state: 'down', since: 1500 });
    // That it was cut, and that it may not.
    expect(ear.states.map(({ state }) => state)).toEqual(['up', 'down', 'down']);
    await user(`&${bench.namespace}:*`);
    await until('it is up', async () => {
      await clock.advance(100);
      return ear.events.at(-1) === 'up';
    });
    expect(ear.events).toEqual([...OPENED, 'doubt', 'down', ...BROKEN]);
    expect(ear.invalidation.status()).toEqual({ state: 'up', since: ear.states[3]!.since });
    expect(ear.states[3]!.since).toBeGreaterThan(1500);
  });

  test('because it does not take what it is sent as fast as it comes, is in doubt', async () => {
    const ear = await bench.listen(server.url);
    await raw.config('SET', 'client-output-buffer-limit', 'pubsub 100kb 0 0');
    await raw.publish(`${bench.namespace}:person:changed`, 'x'.repeat(1_000_000));
    await ear.heard('up', 2);
    expect(ear.events).toEqual([...OPENED, ...BROKEN]);
    await raw.config('SET', 'client-output-buffer-limit', 'pubsub 32mb 8mb 60');
  });

  test('without a sign, being accepted and never answered, is in doubt within four seconds', async () => {
    const { proxy, url } = await proxied();
    const clock = fakeClock();
    const ear = await bench.listen(url, { clock });
    proxy.stall();
    await clock.advance(4000);
    expect(ear.events).toEqual([...OPENED, 'doubt', 'down']);
    expect(String(ear.states[1]!.cause)).toMatch(/silent for 3000 ms/);
    proxy.resume();
    await until('it is up', async () => {
      await clock.advance(100);
      return ear.events.at(-1) === 'up';
    });
    await bench.drop(await bench.open(server.url), 'a');
    await ear.heard('person a');
  });

  test('is taken for dead by its silence alone', async () => {
    const clock = fakeClock();
    const ear = await bench.listen(server.url, { clock });
    const tier = await bench.open(server.url);
    for (let second = 0; second < 10; second++) {
      await clock.advance(1000);
      // What is told later is heard later: the PING has been answered by then.
      await until('the PING has arrived', async () =>
        / cmd=ping /.test(String(await raw.client('LIST', 'TYPE', 'PUBSUB'))),
      );
      await bench.drop(tier, `${second}`);
      await ear.heard(`person ${second}`);
    }
    expect(ear.events.filter((event) => !event.startsWith('person'))).toEqual(OPENED);
  });

  test('goes down with the connection for commands, behind whose name there may be another server when it is back', async () => {
    const client = new Redis(server.url);
    const clock = fakeClock();
    const ear = await bench.listen(client, { clock });
    client.disconnect();
    await ear.heard('down');
    await clock.advance(10_000);
    // It waits, and does not try.
    expect(clock.pending).toBe(1);
    expect(await subscribers()).toBe(0);
    await client.connect();
    await ear.heard('up', 2);
    expect(ear.events).toEqual([...OPENED, ...BROKEN]);
    client.disconnect();
  });

  test('stays in doubt, while what is told is missed, until it listens', async () => {
    const { proxy, url } = await proxied();
    const ear = await bench.listen(url);
    const tier = await bench.open(server.url);
    proxy.cut();
    await ear.heard('down');
    await bench.drop(tier, 'missed');
    proxy.resume();
    await ear.heard('up', 2);
    await bench.drop(tier, 'a');
    await ear.heard('person a');
    expect(ear.events).toEqual([...OPENED, ...BROKEN, 'person a']);
  });
});

describe('closing a channel', () => {
  test('ends its connection, and nothing is told any more', async () => {
    const ear = await bench.listen(server.url);
    expect(await subscribers()).toBe(1);
    await ear.invalidation.close();
    await until('nobody is subscribed', async () => (await subscribers()) === 0);
    await raw.publish(`${bench.namespace}:person:changed`, 'a');
    expect(ear.events).toEqual(OPENED);
    expect(ear.invalidation.status()).toMatchObject({ state: 'down' });
  });

  test('while it is down ends its tries', async () => {
    const { proxy, url } = await proxied();
    const clock = fakeClock();
    const ear = await bench.listen(url, { clock });
    proxy.cut();
    await ear.heard('down');
    await ear.invalidation.close();
    expect(clock.pending).toBe(0);
    proxy.resume();
    expect(await subscribers()).toBe(0);
  });

  test('lets the process end, also one that is not heard by the server', async () => {
    const { proxy, url } = await proxied();
    const child = runTsChild(fileURLToPath(new URL('./redis-channel-child.ts', import.meta.url)), [url]);
    await child.line('listening');
    proxy.stall();
    child.process.kill('SIGUSR2');
    await child.line('closed');
    expect(await child.ended).toMatchObject({ code: 0, errors: '' });
  });
});

describe('a user who may not tell', () => {
  const allow = (...rules: string[]) =>
    raw.call('ACL', 'SETUSER', 'ann', 'reset', 'on', '>s', '~*', '+@all', 'resetchannels', ...rules);
  const remedyOf = (error: Error) => /ACL SETUSER <name> (.*)$/.exec(error.message)![1]!;
  const url = () => `redis://ann:s@127.0.0.1:${server.port}`;
  const refusal = () =>
    bench.listen(url()).then(
      () => new Error('it was let in'),
      (error: unknown) => error as Error,
    );

  test.each([
    ['on the channels', [], true],
    ['by PUBLISH', ['allchannels', '-publish'], false],
    ['by SUBSCRIBE', ['allchannels', '-subscribe'], false],
  ])('%s is refused, and told what to allow, which does', async (_, rules, channels) => {
    await allow(...rules);
    const error = await refusal();
    expect(error).toBeInstanceOf(StoreFault);
    expect(error.message).toMatch(/^Redis at 127\.0\.0\.1:\d+ does not let its user tell other processes of changes/);
    expect(error).toMatchObject({ outcome: 'none' });
    const remedy = remedyOf(error);
    expect(remedy).toBe(`${channels ? `&${bench.namespace}:* ` : ''}+publish +subscribe +ping`);
    await raw.call('ACL', 'SETUSER', 'ann', ...remedy.split(' '));
    const ear = await bench.listen(url());
    await bench.drop(await bench.open(url()), 'a');
    await ear.heard('person a');
  });

  test('leaves nothing open', async () => {
    await allow();
    await refusal();
    await until('nobody is subscribed', async () => (await subscribers()) === 0);
  });

  test('is told the channels of the entities where there is no namespace', async () => {
    await allow();
    bench.namespace = '';
    const error = await refusal();
    expect(remedyOf(error)).toBe('&person:changed &place:changed +publish +subscribe +ping');
  });

  test('because the server takes no writes is told that', async () => {
    await allow('allchannels');
    await raw.config('SET', 'min-replicas-to-write', '1');
    const error = await refusal();
    await raw.config('SET', 'min-replicas-to-write', '0');
    expect(error).toBeInstanceOf(StoreFault);
    expect(error.message).toMatch(/NOREPLICAS/);
  });
});
