import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, test } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import { startCluster, startRedis, startSentinel } from './redis-server.js';
import { startProxy } from './tcp-proxy.js';
import { until } from './until.js';

const lives = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('a started Redis keeps nothing on disk and leaves nothing behind', async () => {
  const server = await startRedis();
  const client = new Redis(server.url);
  expect(await client.config('GET', 'save')).toEqual(['save', '']);
  client.disconnect();
  await server.stop();
  expect(lives(server.pid)).toBe(false);
  expect(existsSync(server.dir)).toBe(false);
});

test('a started Redis asks for its password', async () => {
  const server = await startRedis({ password: 'pass word' });
  const client = new Redis(server.url);
  expect(await client.ping()).toBe('PONG');
  client.disconnect();
  const stranger = new Redis(server.port, { retryStrategy: () => null });
  stranger.on('error', () => undefined);
  await expect(stranger.ping()).rejects.toThrow('NOAUTH');
  stranger.disconnect();
  await server.stop();
});

test('a killed Redis starts again with what it had saved', async () => {
  const first = await startRedis();
  const client = new Redis(first.url, { retryStrategy: () => null });
  client.on('error', () => undefined);
  await client.set('a', '1');
  await client.save();
  await client.set('a', '2');
  await first.kill();
  const second = await startRedis({ dir: first.dir, port: first.port });
  const other = new Redis(second.url);
  expect(await other.get('a')).toBe('1');
  other.disconnect();
  await second.stop();
  await first.stop();
  expect(existsSync(first.dir)).toBe(false);
});

test('a paused Redis does not answer until it is resumed, and can be stopped while paused', async () => {
  const server = await startRedis();
  const client = new Redis(server.url, { retryStrategy: () => null });
  client.on('error', () => undefined);
  await client.ping();
  server.pause();
  const pong = client.ping();
  server.resume();
  expect(await pong).toBe('PONG');
  server.pause();
  await server.stop();
  expect(lives(server.pid)).toBe(false);
  client.disconnect();
});

test('a Redis ends with the process that started it, even where that is killed', async () => {
  const run =
    `import { startRedis } from '${new URL('./redis-server.ts', import.meta.url).href}';` +
    'const server = await startRedis(); console.log(JSON.stringify({ pid: server.pid, dir: server.dir })); setInterval(() => {}, 1000);';
  const child = spawn(process.execPath, ['--import', './scripts/typescript.mjs', '--input-type=module', '-e', run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const text = await new Promise<string>((resolve) => child.stdout.once('data', (chunk) => resolve(String(chunk))));
  const { pid, dir } = JSON.parse(text) as { pid: number; dir: string };
  expect(lives(pid)).toBe(true);
  child.kill('SIGKILL');
  await until('the server ends', () => !lives(pid) && !existsSync(dir));
});

test('a started cluster serves every slot from every node', async () => {
  const cluster = await startCluster();
  const client = new Cluster([...cluster.nodes]);
  for (let n = 0; n < 100; n++) await client.set(`key ${n}`, n);
  expect(await client.get('key 42')).toBe('42');
  expect(client.nodes('master')).toHaveLength(3);
  expect(cluster.nodes).toHaveLength(6);
  client.disconnect();
  await cluster.stop();
  expect(cluster.servers.some(({ pid }) => lives(pid))).toBe(false);
}, 60_000);

test('started sentinels promote a replica when the master dies', async () => {
  const group = await startSentinel();
  const before = await group.master();
  expect(before).toBe(group.servers[0]!.port);
  await group.servers[0]!.kill();
  const after = await until('a new master', async () => {
    const port = await group.master();
    return port !== before && port;
  });
  const client = new Redis({ sentinels: [...group.sentinels], name: group.name });
  await until('the new master takes writes', async () => (await client.set('a', '1')) === 'OK');
  expect(group.servers.map(({ port }) => port)).toContain(after);
  client.disconnect();
  await group.stop();
}, 60_000);

test('a proxy passes on, holds back and cuts', async () => {
  const server = await startRedis();
  const proxy = await startProxy(server);
  const client = new Redis(proxy.port, '127.0.0.1', { retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => undefined);
  const direct = new Redis(server.url);
  await client.set('big', 'x'.repeat(5_000_000));
  expect(await client.strlen('big')).toBe(5_000_000);

  proxy.stall();
  let answered = false;
  const held = client.set('a', '1').then(() => {
    answered = true;
  });
  expect(await direct.get('a')).toBeNull();
  expect(answered).toBe(false);
  proxy.resume();
  await held;
  expect(await direct.get('a')).toBe('1');

  proxy.stall('replies');
  answered = false;
  const written = client.set('a', '2').then(() => {
    answered = true;
  });
  await until('the write arrives', async () => (await direct.get('a')) === '2');
  expect(answered).toBe(false);
  proxy.resume();
  await written;

  proxy.cut();
  await expect(client.ping()).rejects.toThrow();
  await new Promise<void>((resolve) =>
    connect(proxy.port, '127.0.0.1')
      .on('error', () => undefined)
      .on('close', () => resolve()),
  );
  proxy.resume();
  const again = new Redis(proxy.port, '127.0.0.1');
  expect(await again.get('a')).toBe('2');
  again.disconnect();
  direct.disconnect();
  await proxy.stop();
  await server.stop();
});
