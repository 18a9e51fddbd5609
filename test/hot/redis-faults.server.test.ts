import { rm } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { sampleKey } from '../../src/testing/sample-schema.js';
import { synchronised } from '../support/synchronised.js';
import { until } from '../support/until.js';
import { COLD, nameOf, RedisBench, schema, UNREACHABLE, value } from './redis-bench.js';

const bench = new RedisBench();

describe('a Redis that comes back', () => {
  test('with old data serves nothing of it: values, absences, fills and locks are cold', async () => {
    await bench.put('value', 'old');
    await bench.put('absent', null);
    await bench.read('filling', 'r1');
    await bench.begin('locked', 'w1');
    await bench.put('under', 'old');
    await bench.begin('under', 'w1');
    await bench.raw.save();
    await bench.put('value', 'new');
    await bench.server.kill();
    await bench.start({ dir: bench.server.dir, port: bench.server.port });
    await until('the store reaches Redis again', async () => (await bench.read('other')).state !== 'unreachable');
    for (const id of ['value', 'absent', 'filling', 'locked', 'under']) {
      expect(await bench.raw.exists(nameOf(id))).toBe(1);
      expect(await bench.read(id)).toEqual(COLD);
    }
    expect(await bench.fill('value', 'new')).toEqual([undefined]);
    expect(await bench.read('value')).toEqual(value('new'));
  });

  test('with an old lock does not take the commit of its writer', async () => {
    await bench.begin('a', 'w1');
    await bench.raw.save();
    await bench.server.kill();
    await bench.start({ dir: bench.server.dir, port: bench.server.port });
    await until('the store reaches Redis again', async () => (await bench.read('other')).state !== 'unreachable');
    expect(await bench.commit('a', 'late', 'w1')).toEqual([undefined]);
    expect(await bench.read('a')).toEqual(COLD);
  });

  test('having forgotten its scripts is sent them again', async () => {
    await bench.put('a', 'x');
    await bench.raw.script('FLUSH');
    expect(await bench.read('a')).toEqual(value('x'));
    await bench.raw.script('FLUSH');
    const many = Array.from({ length: 1200 }, (_, at) => sampleKey(`k${at}`));
    const faults = await bench.store.begin(schema, many, 'w', 60_000);
    expect(faults).toEqual(many.map(() => undefined));
  });
});

describe('a replica', () => {
  test('refuses every step, and when it is promoted all that it holds is cold', async () => {
    const replica = await bench.start({ replicaOf: bench.server.port });
    await bench.put('a', 'x');
    await bench.put('b', null);
    const atReplica = await bench.open(replica.url);
    const replicaRaw = bench.client(replica.url);
    await synchronised(replicaRaw, bench.raw);
    for (const id of ['a', 'b']) expect(await bench.read(id, 'reader', atReplica)).toEqual(UNREACHABLE);
    await replicaRaw.replicaof('NO', 'ONE');
    await until('the promoted one takes steps', async () => (await bench.begin('c', 'w', atReplica))[0] === undefined);
    for (const id of ['a', 'b']) {
      expect(await replicaRaw.exists(nameOf(id))).toBe(1);
      expect(await bench.read(id, 'reader', atReplica)).toEqual(COLD);
    }
  });
});

describe('a Redis that takes no writes', () => {
  test('for want of replicas answers no reads either', async () => {
    await bench.put('a', 'x');
    await bench.raw.config('SET', 'min-replicas-to-write', '1');
    await bench.refusesAll(/NOREPLICAS/);
    await bench.raw.config('SET', 'min-replicas-to-write', '0');
    expect(await bench.read('a')).toEqual(value('x'));
  });

  test('since it cannot save answers no reads either', async () => {
    const failing = await bench.start({ args: ['--save', '3600', '1'] });
    const failingRaw = bench.client(failing.url);
    bench.store = await bench.open(failing.url);
    await bench.put('a', 'x');
    await rm(failing.dir, { recursive: true });
    await failingRaw.bgsave();
    await until('saving has failed', async () =>
      /rdb_last_bgsave_status:err/.test(await failingRaw.info('persistence')),
    );
    await bench.refusesAll(/MISCONF/);
    // It would not end in an orderly way without being saved.
    await failing.kill();
  });

  test('for want of memory still lets go of entries and locks', async () => {
    await bench.put('a', 'old');
    await bench.put('b', 'old');
    await bench.begin('b', 'w1');
    await bench.put('c', 'old');
    await bench.raw.config('SET', 'maxmemory', '1');
    const answers = [await bench.read('a')];
    expect(answers).toEqual([UNREACHABLE]);
    expect(await bench.fill('a', 'x')).toEqual([{ error: expect.any(StoreFault) }]);
    expect(await bench.begin('a', 'w1')).toEqual([undefined]);
    expect(await bench.store.renew(schema, [sampleKey('a')], 'w1', 60_000)).toEqual([undefined]);
    expect(await bench.commit('a', 'new', 'w1')).toEqual([undefined]);
    expect(await bench.store.abandon(schema, [sampleKey('b')], 'w1')).toEqual([undefined]);
    expect(await bench.store.drop(schema, [sampleKey('c')])).toEqual([undefined]);
    await bench.raw.config('SET', 'maxmemory', '0');
    for (const id of ['a', 'b', 'c']) expect(await bench.read(id)).toEqual(COLD);
  });

  test('for want of memory marks the lock of others all the same', async () => {
    await bench.put('a', 'old');
    await bench.begin('a', 'w1');
    await bench.begin('a', 'w2');
    await bench.raw.config('SET', 'maxmemory', '1');
    expect(await bench.commit('a', 'new', 'w1')).toEqual([undefined]);
    await bench.raw.config('SET', 'maxmemory', '0');
    expect(await bench.read('a')).toEqual({ state: 'busy' });
    expect(await bench.commit('a', 'new', 'w2')).toEqual([undefined]);
    expect(await bench.read('a')).toEqual(COLD);
  });

  test('because it is busy with a script refuses, and serves again afterwards', async () => {
    await bench.put('a', 'x');
    await bench.raw.config('SET', 'busy-reply-threshold', '1');
    const other = bench.client(bench.server.url);
    const endless = other.eval('while true do end', 0).catch(() => undefined);
    await until('Redis is busy', async () =>
      bench.raw.ping().then(
        () => false,
        (error) => /BUSY/.test(String(error)),
      ),
    );
    expect(await bench.read('a')).toEqual(UNREACHABLE);
    await bench.raw.script('KILL');
    await endless;
    expect(await bench.read('a')).toEqual(value('x'));
  });
});
