import type { CityData, CityKey } from '../cities.js';
import { difference } from '../difference.js';
import { type Act, changeAll, keyOf, readAll, type Stage, some, textOf } from '../stage.js';

/** Puts what a city must be from now on into the truth. */
function becomes({ truth }: Stage, city: CityData, change: Partial<CityData>): CityData {
  const changed = { ...city, ...change };
  truth.set(textOf(city), changed);
  return changed;
}

const readAgain = async (stage: Stage, name: string, keys: readonly CityKey[]) => {
  const { repository } = stage;
  await readAll(stage, name, keys, (chunk) => Promise.all(chunk.map((key) => repository.find(key))));
  await readAll(stage, `${name}, durable`, keys, (chunk) => repository.findMany(chunk, { from: 'durable' }));
};

/** Patches, functions and increments: whoever reads afterwards sees what was written, in every tier. */
export const change: Act = async (stage) => {
  const { repository } = stage;
  const patched = some(stage, 50, 2);
  await changeAll(stage, 'update with a patch', patched, async (city) => {
    const patch = { name: `${city.name} (visited)`, population: city.population + 1 };
    return difference(becomes(stage, city, patch), await repository.update(keyOf(city), patch));
  });
  const moved = some(stage, 50, 3);
  await changeAll(stage, 'update with a function', moved, async (city) => {
    const location = { longitude: -city.location.longitude, latitude: city.location.latitude };
    const updated = await repository.update(keyOf(city), (entity) => {
      entity.location.longitude = location.longitude;
    });
    return difference(becomes(stage, city, { location }), updated);
  });
  const grown = some(stage, 50, 4);
  await changeAll(stage, 'increment', grown, async (city) => {
    const { population } = becomes(stage, city, { population: city.population + 1000 });
    const sum = await repository.increment(keyOf(city), 'population', 1000);
    return sum === population ? undefined : `the sum is ${sum}, not ${population}`;
  });
  await readAgain(stage, 'find what was changed', [...patched, ...moved, ...grown].map(keyOf));
};

/** Deleted cities are gone from every tier, and are not "deleted" twice. */
export const remove: Act = async (stage) => {
  const { repository, truth } = stage;
  const doomed = some(stage, 50, 5).map(keyOf);
  await changeAll(stage, 'delete', doomed, async (key) => {
    truth.delete(textOf(key));
    return (await repository.delete(key)) ? undefined : 'there was nothing to delete';
  });
  await changeAll(stage, 'delete again', doomed, async (key) =>
    (await repository.delete(key)) ? 'was deleted twice' : undefined,
  );
  await readAgain(stage, 'find what was deleted', doomed);
};
