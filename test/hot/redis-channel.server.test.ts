import { afterAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { Redis as Redis6 } from 'ioredis-6';
import { systemClock } from '../../src/core/clock.js';
import type { FallbackDriver, KeyedChange } from '../../src/core/fallback-driver.js';
import type { RowChange } from '../../src/core/kind.js';
import type { Schema } from '../../src/core/schema.js';
import type { HotTier } from '../../src/open-hot-tier.js';
import { sampleKey } from '../../src/testing/sample-schema.js';
import { redisUrl } from '../support/urls.js';
import { ChannelBench } from './redis-channel-bench.js';
import { person, place, row, unkept } from './redis-channel-schemas.js';

const bench = new ChannelBench();

const change = (id: string, what: RowChange, schema: Schema = person): KeyedChange => ({
  schema,
  key: sampleKey(id),
  change: what,
});
const put: RowChange = { type: 'put', row };
const patch: RowChange = { type: 'patch', set: new Map([[0, 'Bob']]) };
const remove: RowChange = { type: 'delete' };

async function openTruth(tier: HotTier): Promise<FallbackDriver> {
  const truth = tier.truth();
  await truth.open([], { synchronize: undefined, clock: systemClock, logger: console, statementTimeout: 10_000 });
  return truth;
}

describe('a change in the hot tier is told to other processes', () => {
  const entry = (id: string, schema = person) => ({ key: sampleKey(id), value: row, ttl: 60_000, schema });

  /** What is heard of some steps, the end of which is told as well. */
  async function toldOf(steps: (hot: ReturnType<HotTier['hot']>) => Promise<unknown>): Promise<readonly string[]> {
    const ear = await bench.listen(redisUrl, { schemas: [person, place, unkept] });
    const tier = await bench.open(redisUrl);
    const before = ear.events.length;
    await steps(tier.hot());
    await bench.drop(tier, 'end');
    await ear.heard('person end');
    return ear.events.slice(before, -1);
  }

  test('when a write is committed, not when it begins', async () => {
    expect(
      await toldOf(async (hot) => {
        await hot.begin(person, [sampleKey('a'), sampleKey('b'), sampleKey('c')], 'w', 60_000);
        await hot.renew(person, [sampleKey('c')], 'w', 60_000);
        await hot.commit(person, [entry('a'), entry('b')], 'w', 'set');
      }),
    ).toEqual(['person a', 'person b']);
  });

  test('when it leaves the entry cold, or its lock is gone', async () => {
    expect(
      await toldOf(async (hot) => {
        await hot.begin(person, [sampleKey('a')], 'w', 60_000);
        await hot.commit(person, [entry('a')], 'w', 'drop');
        await hot.commit(person, [entry('b')], 'w', 'set');
      }),
    ).toEqual(['person a', 'person b']);
  });

  test('when it is given up, with the locks of others on the entry too', async () => {
    expect(
      await toldOf(async (hot) => {
        await hot.begin(person, [sampleKey('a')], 'w1', 60_000);
        await hot.begin(person, [sampleKey('a')], 'w2', 60_000);
        await hot.abandon(person, [sampleKey('a')], 'w1');
        await hot.commit(person, [entry('a')], 'w2', 'set');
      }),
    ).toEqual(['person a', 'person a']);
  });

  test('when the entry is dropped', async () => {
    expect(await toldOf((hot) => hot.drop(person, [sampleKey('a'), sampleKey('b')]))).toEqual(['person a', 'person b']);
  });

  test('each on the channel of its entity', async () => {
    expect(
      await toldOf(async (hot) => {
        await hot.drop(place, [sampleKey('a')]);
        await hot.drop(person, [sampleKey('a')]);
      }),
    ).toEqual(['place a', 'person a']);
  });

  test('but not a read nor a fill', async () => {
    expect(
      await toldOf(async (hot) => {
        await hot.read(person, [sampleKey('a')], undefined, 'r');
        await hot.fill(person, [entry('a')], 'r');
      }),
    ).toEqual([]);
  });

  test('but nothing of an entity that nobody keeps', async () => {
    expect(
      await toldOf(async (hot) => {
        await hot.begin(unkept, [sampleKey('a')], 'w', 60_000);
        await hot.commit(unkept, [entry('a')], 'w', 'set');
        await hot.drop(unkept, [sampleKey('a')]);
      }),
    ).toEqual([]);
  });

  test('whatever its key contains, and however many there are', async () => {
    const ids = [
      'a:b',
      '{a}',
      '}',
      '{',
      '%',
      '%7B',
      '',
      ' ',
      '\n',
      'ü',
      '日本',
      '👋🏽',
      '__proto__',
      'x'.repeat(10_240),
    ];
    ids.push(...Array.from({ length: 2000 }, (_, at) => `many ${at}`));
    const keys = ids.map((id) => sampleKey(id));
    expect(await toldOf((hot) => hot.drop(person, keys))).toEqual(keys.map(({ id }) => `person ${id}`));
  });
});

describe('a change in Redis as the truth is told to other processes', () => {
  /** What is heard of some writes, and of the end. */
  async function toldOf(writes: (truth: FallbackDriver) => Promise<unknown>): Promise<readonly string[]> {
    const ear = await bench.listen(redisUrl, { schemas: [person, place, unkept] });
    const truth = await openTruth(await bench.open(redisUrl));
    const before = ear.events.length;
    await writes(truth);
    await truth.write([change('end', remove)]);
    await ear.heard('person end');
    await truth.write(['a', 'b'].flatMap((id) => [change(id, remove), change(id, remove, place)]));
    await truth.close();
    return ear.events.slice(before, ear.events.indexOf('person end'));
  }

  test('when an entry is put, changed or deleted', async () => {
    expect(
      await toldOf(async (truth) => {
        await truth.write([change('a', put)]);
        await truth.write([change('a', patch)]);
        await truth.write([change('a', remove)]);
      }),
    ).toEqual(['person a', 'person a', 'person a']);
  });

  test('each on the channel of its entity, where several are changed at once', async () => {
    const told = await toldOf(async (truth) => {
      await truth.write([change('a', put), change('b', put, unkept), change('b', put, place), change('b', put)]);
      await truth.write([change('b', remove, unkept), change('a', remove)]);
    });
    expect([...told].sort()).toEqual(['person a', 'person a', 'person b', 'place b']);
  });

  test('but not a write that was refused, nor one that changes nothing', async () => {
    expect(
      await toldOf(async (truth) => {
        await truth.write([change('a', put)]);
        expect(await truth.write([change('a', { ...put, expect: 'absent' })])).toMatchObject({ done: false });
        await truth.write([change('a', { type: 'modify', change: (same) => same })]);
      }),
    ).toEqual(['person a']);
  });

  test('but nothing of an entity that nobody keeps', async () => {
    expect(
      await toldOf(async (truth) => {
        await truth.write([change('a', put, unkept)]);
        await truth.write([change('a', remove, unkept)]);
      }),
    ).toEqual([]);
  });

  test('whatever its key contains', async () => {
    const ids = ['a:b', '{a}', '}', '%', '', 'ü', '👋🏽', 'x'.repeat(10_240)];
    const changes = ids.map((id) => change(id, remove));
    expect(await toldOf((truth) => truth.write(changes))).toEqual(changes.map(({ key }) => `person ${key.id}`));
  });
});

describe('a client that was given', () => {
  const clients: { disconnect(): void }[] = [];
  const made = <C extends { disconnect(): void }>(client: C): C => {
    clients.push(client);
    return client;
  };
  afterAll(() => {
    for (const client of clients) client.disconnect();
  });

  test('is not subscribed itself, and stays open', async () => {
    const client = made(new Redis(redisUrl));
    const ear = await bench.listen(client);
    await bench.drop(await bench.open(client), 'a');
    await ear.heard('person a');
    expect(await client.echo('still here')).toBe('still here');
    await ear.invalidation.close();
    expect(await client.echo('still here')).toBe('still here');
  });

  test('may be of the other major version, on its protocol', async () => {
    for (const protocol of [2, 3] as const) {
      const client = made(new Redis6(redisUrl, { protocol }));
      const ear = await bench.listen(client);
      await bench.drop(await bench.open(redisUrl), `a${protocol}`);
      await ear.heard(`person a${protocol}`);
    }
  });

  test('may have a key prefix, with braces in it, which separates it from those without', async () => {
    const prefixed = { keyPrefix: '{app}:{' };
    const ear = await bench.listen(made(new Redis(redisUrl, prefixed)));
    const other = await bench.listen(redisUrl);
    await bench.drop(await bench.open(redisUrl), 'a');
    const tier = await bench.open(made(new Redis(redisUrl, prefixed)));
    await bench.drop(tier, 'b');
    await ear.heard('person b');
    const truth = await openTruth(tier);
    await truth.write([change('c', remove)]);
    await ear.heard('person c');
    await other.heard('person a');
    expect(ear.events).not.toContain('person a');
    expect(other.events).not.toContain('person b');
    expect(other.events).not.toContain('person c');
  });
});
