import { Atlas } from '../atlas.js';
import { adding, EARTH, measuring, moving, searching, whole } from '../atlas-questions.js';
import { type Act, askAll, untilHot } from '../stage.js';

/** A search may look at many cities, and changes are all of one map. */
const AT_ONCE = 50;
const DURABLE = { from: 'durable' } as const;

/** A geo set: all cities on one map, searched in every tier, and again after some have moved. */
export const locate: Act = async (stage) => {
  const { maps, cities } = stage;
  const mapped = { maps, atlas: new Atlas() };
  await askAll(stage, 'add to a map, 1,000 at a time', 'writes', adding(mapped, cities), 1);
  await askAll(stage, 'the whole map, refreshed', 'reads', [whole(mapped)]);
  await untilHot(stage, () => maps.size(EARTH));
  const [search, measure] = [searching(mapped), measuring(mapped)];
  await askAll(stage, 'nearest, radius and box, hot', 'reads', search({}), AT_ONCE);
  await askAll(stage, 'positions and distances, hot', 'reads', measure({}));
  await askAll(stage, 'nearest, radius and box, durable', 'reads', search(DURABLE), AT_ONCE);
  await askAll(stage, 'positions and distances, durable', 'reads', measure(DURABLE));
  await askAll(stage, 'move, found and remove cities', 'writes', moving(mapped, cities), AT_ONCE);
  const again = searching(mapped);
  await askAll(stage, 'searches after changes, hot', 'reads', again({}), AT_ONCE);
  await askAll(stage, 'searches after changes, durable', 'reads', again(DURABLE), AT_ONCE);
  await maps.evict(EARTH);
  await askAll(stage, 'searches after changes, cold', 'reads', again({}), AT_ONCE);
};
