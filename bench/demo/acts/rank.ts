import type { ReadOptions } from 'holdfast';
import { rankingsOf } from '../ranking.js';
import {
  type AskCountry,
  census,
  differs,
  giveUp,
  grow,
  growAtOnce,
  missing,
  pages,
  places,
  topTen,
  whole,
} from '../ranking-questions.js';
import { type Act, askAll, inTurn, untilHot } from '../stage.js';

/** So many changes are under way at once, many of them of one set. */
const CHANGES = 50;

/** Sorted sets: the cities of each country by population, asked for in every tier, and again after many have changed. */
export const rank: Act = async (stage) => {
  const { rankings, answers, cities } = stage;
  const countries = [...rankingsOf(cities)].map(([country, ranking]) => ({ rankings, country, ranking }));
  const all = (ask: AskCountry, options: ReadOptions = {}) => countries.flatMap((country) => ask(country, options));
  const name = 'save sorted sets';
  await answers.during(name, 'writes', () =>
    inTurn(
      stage,
      name,
      countries,
      10,
      (some) => rankings.save(some.map(({ country, ranking }) => ({ country, cities: [...ranking.descending] }))),
      (some, saved) => {
        for (const [at, { country }] of some.entries())
          answers.count(() => `${name}: ${country}`, differs(saved[at]?.country, country));
      },
    ),
  );
  await askAll(stage, 'top ten of a country, hot', 'reads', all(topTen));
  await askAll(stage, 'rank, score and count, hot', 'reads', all(places));
  await askAll(stage, 'pages of 100, hot', 'reads', all(pages));
  await askAll(stage, 'pages of 100, durable', 'reads', all(pages, { from: 'durable' }));
  await askAll(stage, 'what is in no set', 'reads', all(missing));
  await rankings.evict(countries.map(({ country }) => country));
  await askAll(stage, 'pages of 100, cold', 'reads', all(pages));
  await askAll(stage, 'whole sets, refreshed', 'reads', all(whole), 5);
  for (const { country } of countries) await untilHot(stage, () => rankings.size(country));
  await askAll(stage, 'increment scores', 'writes', all(grow), CHANGES);
  await askAll(stage, 'add members', 'writes', all(census), CHANGES);
  await askAll(stage, 'remove members', 'writes', all(giveUp), CHANGES);
  await askAll(stage, 'pages after changes, hot', 'reads', all(pages));
  await askAll(stage, 'pages after changes, durable', 'reads', all(pages, { from: 'durable' }));
  await askAll(stage, 'increment one score at once', 'writes', all(growAtOnce), CHANGES);
  await askAll(stage, 'top ten after that', 'reads', all(topTen));
};
