import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { startProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { nameOf, RedisBench, UNREACHABLE } from './redis-bench.js';

const bench = new RedisBench();

describe('a link that breaks', () => {
  test('fails at once, and serves again when it is mended', async () => {
    const proxy = await startProxy({ port: bench.server.port });
    bench.store = await bench.open(`redis://127.0.0.1:${proxy.port}`);
    await bench.put('a', 'x');
    proxy.cut();
    await until('the break is noticed', async () => (await bench.read('a')).state === 'unreachable');
    for (const step of Object.values(bench.steps))
      expect(await step()).toMatchObject([{ error: expect.any(StoreFault) }]);
    proxy.resume();
    await until('it is mended', async () => (await bench.read('a')).state === 'value');
    await proxy.stop();
  });

  test('while a step is under way fails it as unknown, and does not send it again', async () => {
    const proxy = await startProxy({ port: bench.server.port });
    bench.store = await bench.open(`redis://127.0.0.1:${proxy.port}`);
    await bench.put('a', 'x');
    proxy.stall();
    const reading = bench.read('a');
    const beginning = bench.begin('b');
    proxy.cut();
    expect(await reading).toEqual(UNREACHABLE);
    expect(await beginning).toMatchObject([{ error: { outcome: 'unknown' } }]);
    proxy.resume();
    await until('it is mended', async () => (await bench.read('a')).state === 'value');
    expect(await bench.raw.exists(nameOf('b'))).toBe(0);
    await proxy.stop();
  });

  test('never ends up as an unhandled error', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on('unhandledRejection', note);
    process.on('uncaughtException', note);
    const proxy = await startProxy({ port: bench.server.port });
    bench.store = await bench.open(`redis://127.0.0.1:${proxy.port}`);
    proxy.stall();
    const reading = bench.read('a');
    proxy.cut();
    await reading;
    proxy.resume();
    await until('it is mended', async () => (await bench.read('a')).state !== 'unreachable');
    await proxy.stop();
    process.off('unhandledRejection', note);
    process.off('uncaughtException', note);
    expect(unhandled).toEqual([]);
  });

  test('to a server that accepts and never answers does not hold up closing: what waits is refused', async () => {
    const proxy = await startProxy({ port: bench.server.port });
    bench.store = await bench.open(`redis://127.0.0.1:${proxy.port}`);
    await bench.put('a', 'x');
    proxy.stall();
    const reading = bench.read('a');
    const beginning = bench.begin('b');
    await bench.closeLast();
    expect(await reading).toEqual(UNREACHABLE);
    expect(await beginning).toEqual([{ error: expect.any(StoreFault) }]);
    expect(await bench.read('a')).toEqual(UNREACHABLE);
    await proxy.stop();
  });

  test('says nothing of what was to be stored', async () => {
    const proxy = await startProxy({ port: bench.server.port });
    bench.store = await bench.open(`redis://127.0.0.1:${proxy.port}`);
    await bench.begin('a', 'w');
    await bench.raw.config('SET', 'min-replicas-to-write', '1');
    const [refused] = await bench.commit('a', 'private matter', 'w');
    await bench.raw.config('SET', 'min-replicas-to-write', '0');
    proxy.stall();
    const committing = bench.commit('a', 'private matter', 'w');
    proxy.cut();
    const [broken] = await committing;
    for (const fault of [refused, broken]) {
      expect(fault).toBeDefined();
      expect(inspect(fault, { depth: 10 })).not.toContain('private matter');
    }
    await proxy.stop();
  });
});
