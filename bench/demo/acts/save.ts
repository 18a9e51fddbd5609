import { difference } from '../difference.js';
import { type Act, inTurn, textOf } from '../stage.js';

// Some stores take no more at once.
const BATCH = 500;

/** All cities, in batches: each batch is one transaction, and is hot afterwards. */
export const save: Act = async (stage) => {
  const { repository, answers, truth } = stage;
  const name = 'save, 500 at a time';
  await answers.during(name, 'writes', () =>
    inTurn(
      stage,
      name,
      [...truth.values()].map((data) => repository.create(data)),
      BATCH,
      (cities) => repository.save(cities),
      (cities, saved) => {
        for (const [index, city] of cities.entries())
          answers.count(() => `${name}: city ${textOf(city)}`, difference(truth.get(textOf(city)), saved[index]));
      },
    ),
  );
};
