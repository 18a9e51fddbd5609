import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { Lane } from '../../src/hot/redis/lane.js';
import { luaScript } from '../../src/hot/redis/script.js';
import { startProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { redisUrl } from '../support/urls.js';

const echo = { script: luaScript('return ARGV[1]'), keys: [], args: ['x'] };

const clients: Redis[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});

test('a connection that answers nothing any more is given up, and another made', async () => {
  const { hostname, port } = new URL(redisUrl);
  const proxy = await startProxy({ host: hostname, port: Number(port || 6379) });
  const client = new Redis(proxy.port, { maxRetriesPerRequest: 0, disconnectTimeout: 20, retryStrategy: () => 20 });
  clients.push(client);
  client.on('error', () => undefined);
  let connections = 0;
  client.on('connect', () => connections++);
  await client.ping();
  const lane = new Lane({ client, address: 'here', owned: true, node: false, deadAfter: 50 });
  expect(await lane.send([echo])).toEqual([{ reply: 'x' }]);
  proxy.stall();
  const lost = lane.send([echo]);
  await sleep(60);
  const [refused] = await lane.send([echo]);
  expect(refused!.fault!.message).toMatch(/^Redis at here: silent for \d+ ms\./);
  expect(refused!.fault!.outcome).toBe('none');
  expect((await lost)[0]!.fault!.outcome).toBe('unknown');
  proxy.resume();
  await until('another connection answers', async () => (await lane.send([echo]))[0]!.reply === 'x');
  expect(connections).toBeGreaterThan(1);
  lane.close();
  await proxy.stop();
});

test('a connection that is accepted, and never answers, is given up, and another made', async () => {
  const { hostname, port } = new URL(redisUrl);
  let accepted = 0;
  const listener = createServer((socket) => {
    socket.on('error', () => undefined);
    if (++accepted > 1) socket.pipe(connect(Number(port || 6379), hostname)).pipe(socket);
  });
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const client = new Redis((listener.address() as AddressInfo).port, { retryStrategy: () => 20, lazyConnect: true });
  clients.push(client);
  client.on('error', () => undefined);
  client.connect().catch(() => undefined);
  const lane = new Lane({ client, address: 'here', owned: true, node: false, deadAfter: 50 });
  await until('another connection answers', async () => (await lane.send([echo]))[0]!.reply === 'x', 5000);
  expect(accepted).toBe(2);
  lane.close();
  listener.close();
}, 10_000);

test('scripts that Redis does not know are sent with their source, each once', async () => {
  const client = new Redis(redisUrl);
  clients.push(client);
  await client.ping();
  const lane = new Lane({ client, address: 'here', owned: true, node: false });
  const fresh = (text: string) => ({ script: luaScript(`return '${text}-${process.pid}'`), keys: [], args: [] });
  const [a, b] = [fresh(`a${Math.random()}`), fresh(`b${Math.random()}`)];
  const answers = await lane.send([a, b, a, echo, b]);
  expect(answers.map(({ fault }) => fault)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  expect(answers[0]).toEqual(answers[2]);
  expect(answers[1]).toEqual(answers[4]);
  expect(answers[3]).toEqual({ reply: 'x' });
  lane.close();
});
