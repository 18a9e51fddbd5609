import { expect, test } from '@jest/globals';
import { Holdfast } from '../../src/index.js';
import { Person } from './entities.js';
import { openFaulty } from './open.js';

const NOW = 1_700_000_000_000;

/** Logs what is told. */
function listening() {
  const lines: string[] = [];
  const line = (level: string) => (text: unknown) => lines.push(`${level}: ${text}`);
  return { lines, logger: { info: line('info'), warn: line('warn'), error: line('error') } };
}

test('while all is well every tier is up, since it was opened', async () => {
  const { holdfast } = await openFaulty();
  expect(holdfast.health()).toEqual({
    state: 'up',
    tiers: [
      { tier: 'memory', role: 'hot', state: 'up', since: NOW, breaker: { state: 'closed', since: NOW } },
      { tier: 'memory', role: 'durable', state: 'up', since: NOW, breaker: { state: 'closed', since: NOW } },
    ],
  });
});

test('a hot tier that is away degrades it, and is told of once, and when it is back', async () => {
  const { lines, logger } = listening();
  const { holdfast, people, hot, clock } = await openFaulty({ logger, circuitBreaker: false });
  await people.save({ id: 'a', name: 'Ann' });
  await clock.advance(60_000);
  hot.down();
  for (let calls = 0; calls < 20; calls++) {
    await people.find('a');
    await people.save({ id: 'a', name: `Ann ${calls}` });
    await clock.advance(100);
  }
  const health = holdfast.health();
  expect(health.state).toBe('degraded');
  expect(health.tiers[0]).toMatchObject({ role: 'hot', state: 'down', since: NOW + 60_000, cause: expect.any(Error) });
  expect(health.tiers[1]).toMatchObject({ role: 'durable', state: 'up', since: NOW });
  hot.up();
  await clock.advance(1000);
  expect(holdfast.health().state).toBe('up');
  expect(await people.find('a')).toMatchObject({ name: 'Ann 19' });
  expect(lines).toEqual([
    expect.stringMatching(/^warn: holdfast: memory does not answer \(.*\): reads go on from memory/),
    expect.stringMatching(/^info: holdfast: memory answers again, after \d+ ms; 20 keys .* trusted again\.$/),
  ]);
});

test('a hot tier that answers when asked, and fails again and again, is told of once a minute', async () => {
  const { lines, logger } = listening();
  const { people, hot, clock } = await openFaulty({ logger, circuitBreaker: false });
  for (let minute = 0; minute < 2; minute++) {
    for (let calls = 0; calls < 10; calls++) {
      await clock.advance(1000);
      hot.failNext('read', new Error('full'));
      expect(await people.find('a')).toBe(undefined);
    }
    await clock.advance(60_000);
  }
  expect(lines).toEqual(
    Array(2).fill('warn: holdfast: memory fails again and again (full): what it does not do is done by memory.'),
  );
});

test('one call without an answer is no outage: the tier is asked at once, and nothing is said', async () => {
  const { lines, logger } = listening();
  const { holdfast, people, hot, clock } = await openFaulty({ logger });
  await clock.advance(200);
  hot.failNext('read', new Error('a moment'));
  expect(await people.find('a')).toBe(undefined);
  await clock.advance(0);
  expect(holdfast.health().state).toBe('up');
  expect(lines).toEqual([]);
});

test('a durable store that is away is down, and so is the whole', async () => {
  const { holdfast, people, durable, clock } = await openFaulty();
  durable.down();
  await clock.advance(10_000);
  await expect(people.find('a', { from: 'durable' })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  const { state, tiers } = holdfast.health();
  expect(state).toBe('down');
  expect(tiers[1]).toMatchObject({ role: 'durable', state: 'down', cause: expect.any(Error) });
  durable.up();
  await clock.advance(11_000);
  expect(holdfast.health().state).toBe('up');
});

test('a breaker lets calls through again as soon as the tier is seen to answer, long before its time is over', async () => {
  const { holdfast, people, hot, clock } = await openFaulty({ circuitBreaker: { resetTimeout: '1h' } });
  await people.save({ id: 'a', name: 'Ann' });
  hot.down();
  for (let calls = 0; calls < 10; calls++) await people.save({ id: 'a', name: `Ann ${calls}` });
  expect(holdfast.health().tiers[0]).toMatchObject({ breaker: { state: 'open', retryAt: NOW + 3_600_000 } });
  hot.up();
  await clock.advance(1000);
  expect(await people.find('a')).toMatchObject({ name: 'Ann 9' });
  expect(holdfast.health()).toMatchObject({ state: 'up', tiers: [{ breaker: { state: 'closed' } }, {}] });
});

test('a store that has no place for another read is not down for that', async () => {
  const { holdfast, people, durable } = await openFaulty({ bulkhead: { limit: 1, queue: 0 } });
  const gate = durable.gate('read', 'before');
  const first = people.find('a');
  await gate.reached;
  await expect(people.find('b')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(holdfast.health().state).toBe('up');
  gate.open();
  await first;
});

test('a store that nobody has called for a while since it failed is not taken for down', async () => {
  const { holdfast, people, durable, clock } = await openFaulty({ redis: false });
  durable.down();
  await expect(people.find('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(holdfast.health().state).toBe('down');
  await clock.advance(10_001);
  expect(holdfast.health()).toMatchObject({ state: 'degraded', tiers: [{ state: 'recovering', since: NOW }] });
  durable.up();
  expect(await people.find('a')).toBe(undefined);
  expect(holdfast.health().state).toBe('up');
});

test('a logger that throws disturbs nothing', async () => {
  const throws = () => {
    throw new Error('no room to log');
  };
  const { holdfast, people, hot, clock } = await openFaulty({ logger: { info: throws, warn: throws, error: throws } });
  for (const name of ['Ann', 'Bea']) {
    hot.down();
    await people.save({ id: 'a', name });
    await clock.advance(1000);
    expect(holdfast.health().state).toBe('degraded');
    hot.up();
    await clock.advance(2000);
    expect(holdfast.health().state).toBe('up');
    expect(await people.find('a')).toMatchObject({ name });
  }
});

test('a hot tier that answers again while the durable store does not is recovering', async () => {
  const { holdfast, people, hot, durable, clock } = await openFaulty();
  await people.save({ id: 'a', name: 'Ann' });
  hot.down();
  await people.save({ id: 'a', name: 'Bea' });
  durable.down();
  hot.up();
  await clock.advance(1000);
  expect(holdfast.health()).toMatchObject({ state: 'down', tiers: [{ state: 'recovering' }, { state: 'down' }] });
  durable.up();
  await clock.advance(1000);
  expect(await people.find('a')).toMatchObject({ name: 'Bea' });
});

test('entities without a fallback have one tier, and none without a hot one', async () => {
  const holdfast = await Holdfast.open({ entities: [Person], redis: false, fallbacks: { home: 'memory:' } });
  expect(holdfast.health().tiers.map(({ role }) => role)).toEqual(['durable']);
  await holdfast.close();
});
