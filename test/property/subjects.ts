import type fc from 'fast-check';
import { type Class, defineEntity, Flag, GeoSet, RedisHash, RedisList, RedisSet, SortedSet } from '../../src/index.js';
import { geoSetModel } from './models/geo-set-model.js';
import { listModel } from './models/list-model.js';
import type { Model } from './models/model.js';
import { flagModel, hashModel } from './models/row-models.js';
import { setModel } from './models/set-model.js';
import { sortedSetModel } from './models/sorted-set-model.js';
import { flagSteps, geoSetSteps, hashSteps, listSteps, type Steps, setSteps, sortedSetSteps } from './steps.js';

/** What a store has of every kind: a durable home or none, and an in-process cache or none. */
export interface Variant {
  readonly homed: boolean;
  readonly cached: boolean;
}

/** One kind of entity that all stores are asked about. */
export interface Subject {
  readonly name: string;
  readonly model: () => Model;
  /** Steps with these texts for members. */
  readonly steps: (text: fc.Arbitrary<string>) => Steps;
  readonly entity: (variant: Variant) => Class<object>;
}

type Parts = Pick<Parameters<typeof defineEntity>[0], 'kind' | 'fields' | 'value' | 'members' | 'points' | 'items'>;

const declared =
  (name: string, parts: Parts) =>
  ({ homed, cached }: Variant): Class<object> =>
    defineEntity({
      name: `property_${name}`,
      key: { id: 'string' },
      ...parts,
      ...(homed ? { fallback: 'home' } : {}),
      ...(cached ? { cached: true as const } : {}),
    });

/** All kinds, and those that trim, also so. */
export const subjects: readonly Subject[] = [
  {
    name: 'sorted set',
    model: sortedSetModel,
    steps: sortedSetSteps,
    entity: declared('sorted_set', { kind: SortedSet(), members: 'members' }),
  },
  {
    name: 'sorted set of at most 5',
    model: () => sortedSetModel(5),
    steps: sortedSetSteps,
    entity: declared('sorted_set_5', { kind: SortedSet({ maxSize: 5 }), members: 'members' }),
  },
  {
    name: 'geo set',
    model: geoSetModel,
    steps: geoSetSteps,
    entity: declared('geo_set', { kind: GeoSet(), points: 'points' }),
  },
  {
    name: 'list',
    model: listModel,
    steps: listSteps,
    entity: declared('list', { kind: RedisList(), items: 'items' }),
  },
  {
    name: 'list of at most 5',
    model: () => listModel(5),
    steps: listSteps,
    entity: declared('list_5', { kind: RedisList({ maxLength: 5 }), items: 'items' }),
  },
  {
    name: 'set',
    model: setModel,
    steps: setSteps,
    entity: declared('set', { kind: RedisSet(), items: 'items' }),
  },
  {
    name: 'hash',
    model: hashModel,
    steps: hashSteps,
    entity: declared('hash', {
      kind: RedisHash(),
      fields: { name: { type: 'string', nullable: true }, count: 'integer', ratio: 'number' },
    }),
  },
  {
    name: 'flag',
    model: flagModel,
    steps: flagSteps,
    entity: declared('flag', { kind: Flag(), value: 'seen' }),
  },
];
