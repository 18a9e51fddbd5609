import { expect, test } from '@jest/globals';
import { Holdfast } from '../../src/index.js';
import { faultyHotStore, memoryHotStore, openDriver } from '../../src/testing.js';
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
}
