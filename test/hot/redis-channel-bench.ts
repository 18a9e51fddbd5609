import { randomBytes } from 'node:crypto';
import { afterEach, expect } from '@jest/globals';
import { type Clock, systemClock } from '../../src/core/clock.js';
import type { Invalidation, InvalidationStatus, Listening } from '../../src/core/invalidation.js';
import type { Schema } from '../../src/core/schema.js';
import type { RedisConnection } from '../../src/hot/redis/options.js';
import type { HotTier } from '../../src/open-hot-tier.js';
import { openRedisTier } from '../../src/open-redis-tier.js';
import { sampleKey } from '../../src/testing/sample-schema.js';
import { until } from '../support/until.js';
import { person, place } from './redis-channel-schemas.js';

/** Who listens to changes, and notes all that it is told. */
export interface Ear {
  /** `up`, `down`, `doubt`, and for each key `person a`. */
  readonly events: readonly string[];
  readonly states: readonly InvalidationStatus[];
  readonly invalidation: Invalidation;
  /** Waits until there are `count` of an event. */
  heard(event: string, count?: number): Promise<void>;
}

/** Two processes, as it were: each opens its tier, and what is open at the end of a test is closed. */
export class ChannelBench {
  namespace = '';
  readonly #tiers: HotTier[] = [];
  readonly #invalidations: Invalidation[] = [];

  constructor() {
    this.namespace = `test-${randomBytes(6).toString('hex')}`;
    afterEach(async () => {
      for (const invalidation of this.#invalidations.splice(0)) await invalidation.close();
      for (const tier of this.#tiers.splice(0)) await tier.close();
      this.namespace = `test-${randomBytes(6).toString('hex')}`;
    });
  }

  async open(connection: RedisConnection): Promise<HotTier> {
    const tier = await openRedisTier(connection, this.namespace);
    this.#tiers.push(tier);
    return tier;
  }

  async listen(
    connection: RedisConnection,
    { schemas = [person, place], clock = systemClock }: { schemas?: readonly Schema[]; clock?: Clock } = {},
  ): Promise<Ear> {
    const events: string[] = [];
    const states: InvalidationStatus[] = [];
    const listening: Listening = {
      schemas,
      clock,
      changed: ({ name }, ids) => void events.push(...ids.map((id) => `${name} ${id}`)),
      doubt: () => void events.push('doubt'),
      onState(status) {
        events.push(status.state);
        states.push(status);
      },
    };
    const tier = await this.open(connection);
    const invalidation = await tier.listen!(listening);
    this.#invalidations.push(invalidation);
    return {
      events,
      states,
      invalidation,
      async heard(event, count = 1) {
        const all = () => events.filter((one) => one === event).length >= count;
        await until(`${event} is heard`, all).catch((error: Error) => {
          throw new Error(`${error.message}; heard were ${events.join(', ')}`);
        });
      },
    };
  }

  /** Tells of one key. */
  async drop(tier: HotTier, id: string, schema = person): Promise<void> {
    expect(await tier.hot().drop(schema, [sampleKey(id)])).toEqual([undefined]);
  }
}
