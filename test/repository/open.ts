import { memoryDriver } from '../../src/fallbacks/memory.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { Holdfast, type HoldfastOptions } from '../../src/index.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { faultyDriver, faultyHotStore } from '../../src/testing/faulty.js';
import { Account, Person, Visitor } from './entities.js';

/** Two tiers in process, both faulty at will, at a time that stands still. */
export async function openFaulty(options: Partial<HoldfastOptions> = {}) {
  const clock = fakeClock(1_700_000_000_000);
  const hot = faultyHotStore(memoryHotStore({ clock }), { clock });
  const durable = faultyDriver(memoryDriver(), { clock });
  const holdfast = await Holdfast.open({
    entities: [Person, Visitor, Account],
    redis: hot.store,
    fallbacks: { home: durable.driver },
    clock,
    logger: false,
    retry: false,
    ...options,
  });
  return {
    holdfast,
    clock,
    hot: hot.faults,
    durable: durable.faults,
    people: holdfast.repository(Person),
    visitors: holdfast.repository(Visitor),
    accounts: holdfast.repository(Account),
  };
}
