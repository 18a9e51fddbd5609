import { difference } from '../difference.js';
import { type Act, textOf } from '../stage.js';

/** Everything that the durable store holds, one after the other, and how many there are: none too few, none too many. */
export const stream: Act = async ({ repository, truth, answers, progress, signal }) => {
  const name = 'stream everything';
  await answers.during(name, 'reads', async () => {
    progress.start(name, truth.size);
    const missing = new Map(truth);
    const cities = repository.stream()[Symbol.asyncIterator]();
    while (true) {
      signal.throwIfAborted();
      const { done, value: city } = await answers.timed(() => cities.next());
      if (done) break;
      const text = textOf(city);
      answers.count(
        () => `${name}: city ${text}`,
        missing.has(text) ? difference(missing.get(text), city) : 'came twice, or must not exist',
      );
      missing.delete(text);
      progress.step(1);
    }
    progress.stop();
    for (const text of missing.keys()) answers.count(() => `${name}: city ${text}`, 'is missing');
    const count = await repository.count();
    if (count !== truth.size) answers.count(() => 'count', `is ${count}, not ${truth.size}`);
  });
};
