import { expect, test } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { Holdfast } from '../../src/index.js';
import { outboxSchema } from '../../src/outbox-schema.js';
import { sampleKey, sampleSchema } from '../../src/testing/sample-schema.js';
import { faultyHotStore, memoryHotStore, openDriver } from '../../src/testing.js';
import { Outbox } from '../../src/tiers/outbox.js';
import { until } from '../support/until.js';
import { Account, Person } from './entities.js';

/** What is written while the hot tier is away, on the durable store of a URL. */
export function outboxCases(url: () => string): void {
  const open = async () => {
    const { store: redis, faults } = faultyHotStore(memoryHotStore());
    const options = { redis, synchronize: true, repairInterval: '50ms', logger: false } as const;
    const holdfast = await Holdfast.open({ ...options, entities: [Person, Account], fallbacks: { home: url() } });
    return { holdfast, faults, redis, people: holdfast.repository(Person), accounts: holdfast.repository(Account) };
  };
  const well = (holdfast: Holdfast) => until('it is trusted again', () => holdfast.health().state === 'up');

  test('what is written, changed and deleted without the hot tier is read as it is, then and afterwards', async () => {
    const { holdfast, faults, people, accounts } = await open();
    await people.save(['a', 'b', 'c', 'a:b %{}'].map((id) => ({ id, name: 'before' })));
    await accounts.save({ id: 'x', balance: 1 });
    faults.down();
    await people.save({ id: 'a', name: 'after' });
    await people.update('b', { name: 'after' });
    await people.delete('c');
    await holdfast.batch((b) => {
      b.repository(Person).save({ id: 'a:b %{}', name: 'after' });
      b.repository(Account).increment('x', 'balance', 2);
    });
    await expect(people.insert({ id: 'a', name: 'again' })).rejects.toMatchObject({ code: 'ENTITY_EXISTS' });
    const check = async () => {
      const names = (await people.findMany(['a', 'b', 'c', 'a:b %{}'])).map((one) => one?.name);
      expect(names).toEqual(['after', 'after', undefined, 'after']);
      expect(await accounts.find('x')).toMatchObject({ balance: 3 });
    };
    await check();
    faults.up();
    await well(holdfast);
    await check();
    expect(await holdfast.verify(Person)).toMatchObject({ differing: 0 });
    await people.delete(['a', 'b', 'a:b %{}']);
    await accounts.delete('x');
    await holdfast.close();
  });

  test('what a process wrote that is gone is seen to by the next that opens', async () => {
    const { holdfast, faults, redis, people } = await open();
    await people.save({ id: 'a', name: 'before' });
    faults.down();
    await people.save({ id: 'a', name: 'after' });
    await holdfast.close();
    faults.up();
    const options = { redis, repairInterval: '1h', logger: false, synchronize: true } as const;
    const driver = await openDriver(url());
    const next = await Holdfast.open({ ...options, entities: [Person], fallbacks: { home: driver } });
    await well(next);
    expect(await next.repository(Person).find('a')).toMatchObject({ name: 'after' });
    await next.repository(Person).delete('a');
    await next.close();
  });

  test('what is new is seen within the interval, though there are many old rows that nobody sees to', async () => {
    const driver = await openDriver(url());
    const opening = { synchronize: true, clock: systemClock, logger: console, statementTimeout: 5000 };
    await driver.open([outboxSchema], opening);
    const now = Date.now();
    const gone = new Outbox({
      driver,
      schema: outboxSchema,
      scope: `gone ${now}`,
      schemas: [],
      clock: { ...systemClock, now: () => now - 86_400_000 },
      recent: 0,
    });
    const stranger = sampleSchema({ name: 'stranger' });
    const keys = Array.from({ length: 600 }, (_, at) => sampleKey(`k${at}`));
    const rows = gone.keep(stranger, keys, `t${now}`);
    await gone.store(rows);
    const hot = memoryHotStore();
    const link = faultyHotStore(hot);
    const options = { entities: [Person], synchronize: true, logger: false, fallbacks: { home: driver } } as const;
    const reader = await Holdfast.open({ ...options, redis: hot, repairInterval: '50ms' });
    const writer = await Holdfast.open({ ...options, redis: link.store, repairInterval: '1h' });
    await well(reader);
    await writer.repository(Person).save({ id: 'new', name: 'before' });
    expect(await reader.repository(Person).find('new')).toMatchObject({ name: 'before' });
    link.faults.down();
    await writer.repository(Person).save({ id: 'new', name: 'after' });
    await until('the row is seen', async () => (await reader.repository(Person).find('new'))?.name === 'after', 10_000);
    await reader.repository(Person).delete('new');
    await gone.remove(rows);
    for (const holdfast of [reader, writer]) await holdfast.close();
    await driver.close();
  });
}
