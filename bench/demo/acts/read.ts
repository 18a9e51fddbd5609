import type { CityKey } from '../cities.js';
import { type Act, inTurn, keyOf, readAll, type Stage, some } from '../stage.js';

const each = (stage: Stage) => (keys: readonly CityKey[]) => Promise.all(keys.map((key) => stage.repository.find(key)));

/** Drops the keys from the cache and the hot tier. */
async function evict(stage: Stage, keys: readonly CityKey[]): Promise<void> {
  await inTurn(
    stage,
    'evict',
    keys,
    1000,
    (chunk) => stage.repository.evict(chunk),
    () => {},
  );
}

/** Every city, from each tier in its turn. */
export const readWhole: Act = async (stage) => {
  const { repository } = stage;
  const keys = [...stage.truth.values()].map(keyOf);
  await readAll(stage, 'find, hot', keys, each(stage));
  await readAll(stage, 'find, cached', keys, each(stage));
  await readAll(stage, "find, from: 'durable'", keys, (chunk) => repository.findMany(chunk, { from: 'durable' }));
  await evict(stage, keys);
  await readAll(stage, 'findMany, cold', keys, (chunk) => repository.findMany(chunk));
};

/** Cities that do not exist: the database says so once, then the tiers before it remember. */
export const readMissing: Act = async (stage) => {
  const { repository } = stage;
  const keys = some(stage, 5).map(({ country, cityId }) => ({ country, cityId: -cityId }));
  await readAll(stage, 'find what is not there', keys, each(stage));
  await readAll(stage, 'the same again', keys, each(stage));
  await readAll(stage, "the same, from: 'durable'", keys, (chunk) => repository.findMany(chunk, { from: 'durable' }));
};

/** Some fields only: first of cities that are cold, then of cities that are hot. */
export const readPart: Act = async (stage) => {
  const fields = ['name', 'population', 'muni'] as const;
  const keys = some(stage, 5, 1).map(keyOf);
  const part = (chunk: readonly CityKey[]) => Promise.all(chunk.map((key) => stage.repository.find(key, { fields })));
  await evict(stage, keys);
  await readAll(stage, 'find three fields, cold', keys, part, fields);
  await readAll(stage, 'find three fields, hot', keys, part, fields);
};
