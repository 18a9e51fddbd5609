import { beforeEach, describe, expect, test } from '@jest/globals';
import { faultyHotStore, memoryHotStore, sampleSchema } from 'holdfast/testing';
import { Deliveries } from '../../bench/demo/outages/deliveries.js';
import { now } from '../../bench/demo/outages/now.js';

const schema = sampleSchema();
const key = { id: 'FR:1', parts: ['FR', 1] };
const entry = { key, value: null, ttl: 1000 };

describe('Whether the hot tier was told of a write', () => {
  let deliveries: Deliveries;
  let faulty: ReturnType<typeof faultyHotStore>;
  let hot: ReturnType<Deliveries['hot']>;

  beforeEach(() => {
    deliveries = new Deliveries();
    faulty = faultyHotStore(memoryHotStore());
    hot = deliveries.hot(faulty.store);
  });

  test('is known when it was locked and committed since the write began', async () => {
    const begun = now();
    await hot.begin(schema, [key], 'w', 1000);
    expect(deliveries.told(key.id, begun)).toBe(false);
    await hot.commit(schema, [entry], 'w', 'set');
    expect(deliveries.told(key.id, begun)).toBe(true);
    expect(deliveries.told(key.id, now())).toBe(false);
    expect(deliveries.told('FR:2', begun)).toBe(false);
  });

  test.each(['begin', 'commit'] as const)('is not, where %s failed', async (step) => {
    const begun = now();
    faulty.faults.failNext(step, new Error('cut'));
    await hot.begin(schema, [key], 'w', 1000);
    await hot.commit(schema, [entry], 'w', 'set');
    expect(deliveries.told(key.id, begun)).toBe(false);
  });

  test('is not, where it was only released', async () => {
    const begun = now();
    await hot.begin(schema, [key], 'w', 1000);
    await hot.abandon(schema, [key], 'w');
    expect(deliveries.told(key.id, begun)).toBe(false);
  });
});
