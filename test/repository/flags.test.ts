import { describe, expect, test } from '@jest/globals';
import { memoryHotStore } from '../../src/hot/memory.js';
import { Cached, Entity, Fallback, Flag, type FlagValue, Holdfast, Key, Value } from '../../src/index.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { Account, Person, Visitor } from './entities.js';
import { openFaulty } from './open.js';

@Entity()
@Flag({ ttl: '1h', jitter: 0 })
class Alone {
  @Key() id!: string;
  @Value() seen!: FlagValue;
}

@Entity()
@Flag()
@Fallback('home')
class Homed {
  @Key() id!: string;
  @Value() seen!: FlagValue;
}

@Entity()
@Flag()
@Fallback('home')
@Cached({ ttl: '5s', jitter: 0 })
class Kept {
  @Key() id!: string;
  @Value() seen!: FlagValue;
}

const ids = Array.from({ length: 50 }, (_, index) => `k${index}`);

async function openFlags() {
  const opened = await openFaulty({ entities: [Account, Person, Visitor, Homed, Kept] });
  return { ...opened, flags: opened.holdfast.repository(Homed), kept: opened.holdfast.repository(Kept) };
}

describe('the life of a flag', () => {
  test('without a fallback is its ttl, anew each time it is set', async () => {
    const clock = fakeClock(1_700_000_000_000);
    const holdfast = await Holdfast.open({ entities: [Alone], redis: memoryHotStore({ clock }), clock, logger: false });
    const flags = holdfast.repository(Alone);
    await flags.set('a');
    await flags.set('b');
    await clock.advance(1_800_000);
    await flags.unset('b');
    await clock.advance(1_800_001);
    expect(await flags.get('a')).toBe(undefined);
    expect(await flags.get('b')).toBe(false);
    await holdfast.close();
  });

  test('is fallbackTtl where that was given, in every tier', async () => {
    const { flags, clock, holdfast } = await openFlags();
    await flags.set('a', { fallbackTtl: '1s' });
    await holdfast.batch((b) => b.repository(Homed).unset('b', { fallbackTtl: '1s' }));
    for (const options of [{}, { from: 'durable' }] as const)
      expect([await flags.get('a', options), await flags.get('b', options)]).toEqual([true, false]);
    await clock.advance(1001);
    for (const options of [{}, { from: 'durable' }] as const)
      expect([await flags.get('a', options), await flags.get('b', options)]).toEqual([undefined, undefined]);
    await holdfast.close();
  });
});

test('flags that are asked for together cost one round trip a tier', async () => {
  const { flags, hot, durable, holdfast } = await openFlags();
  await holdfast.batch((b) => {
    for (const id of ids) b.repository(Homed).set(id, {});
  });
  for (const id of ids) await flags.evict(id);
  const before = { hot: hot.calls.read, durable: durable.calls.read };
  expect(await flags.isSetMany([...ids, 'never'])).toEqual([...ids.map(() => true), false]);
  expect(await Promise.all(ids.map((id) => flags.get(id)))).toEqual(ids.map(() => true));
  expect({ hot: hot.calls.read, durable: durable.calls.read }).toEqual({
    hot: before.hot + 2,
    durable: before.durable + 1,
  });
  await holdfast.close();
});

test('a flag that is kept in process is answered from there, until it is set', async () => {
  const { kept, hot, holdfast } = await openFlags();
  await kept.set('a');
  expect(await kept.isSet('a')).toBe(true);
  expect(await kept.isSet('never')).toBe(false);
  const before = hot.calls.read;
  expect([await kept.get('a'), await kept.isSetMany(['a', 'never'])]).toEqual([true, [true, false]]);
  expect((await kept.find('a'))!.seen).toBe(true);
  expect(await kept.exists('never')).toBe(false);
  expect(hot.calls.read).toBe(before);
  await kept.unset('a');
  expect(await kept.get('a')).toBe(false);
  await kept.delete('a');
  expect(await kept.get('a')).toBe(undefined);
  await holdfast.close();
});

test('what a flag is to leave hot, it leaves', async () => {
  const { flags, hot, holdfast } = await openFlags();
  const isHot = async () => {
    const before = hot.calls.fill;
    await flags.get('a');
    return hot.calls.fill === before;
  };
  await flags.set('a', { hot: 'never' });
  expect(await isHot()).toBe(false);
  await flags.set('a', { hot: 'ifPresent' });
  expect(await isHot()).toBe(true);
  await flags.evict('a');
  await flags.unset('a', { hot: 'ifPresent' });
  expect(await isHot()).toBe(false);
  await flags.unset('a');
  expect(await isHot()).toBe(true);
  await holdfast.close();
});

test('while the hot tier is away flags are set and read in the durable one', async () => {
  const { flags, hot, holdfast } = await openFlags();
  await flags.set('a');
  hot.down();
  await flags.unset('a');
  await flags.set('b');
  expect(await flags.isSetMany(['a', 'b', 'c'])).toEqual([false, true, false]);
  hot.up();
  expect(await flags.isSetMany(['a', 'b', 'c'])).toEqual([false, true, false]);
  await holdfast.close();
});
