import type { RangeOptions, ReadOptions, Scored, SortedSetRepository } from 'holdfast';
import type { CitiesByPopulation } from './cities-by-population.js';
import type { Ranking } from './ranking.js';
import { type Question, question } from './stage.js';

/** A country, and what its sorted set must answer. */
export interface Country {
  readonly rankings: SortedSetRepository<CitiesByPopulation>;
  readonly country: string;
  readonly ranking: Ranking;
}

/** What is asked of a country. Of changes the answers must be asked for all at once, for the ranking has them already. */
export type AskCountry = (country: Country, options: ReadOptions) => Question[];

const PAGE_SIZE = 100;
const MORE = 50_000;
/** Nobody has lived there yet. */
const FOUNDED = -1;

const show = (value: unknown): string => JSON.stringify(value) ?? String(value);

/** How an answer differs from the only right one; `undefined` where it does not. */
export const differs = (got: unknown, wanted: unknown): string | undefined =>
  Object.is(got, wanted) ? undefined : `is ${show(got)}, not ${show(wanted)}`;

/** How members in order differ from what they must be; `undefined` where they do not. */
export function membersFault(got: readonly Scored<number>[], wanted: readonly Scored<number>[]): string | undefined {
  if (got.length !== wanted.length) return `has ${got.length} members, not ${wanted.length}`;
  const at = wanted.findIndex(
    ({ member, score }, index) => got[index]!.member !== member || !Object.is(got[index]!.score, score),
  );
  return at < 0 ? undefined : `number ${at} is ${show(got[at])}, not ${show(wanted[at])}`;
}

/** From the largest down, from place `from` to before place `to`, and how many there are. */
function part(
  { rankings, country, ranking }: Country,
  [from, to]: readonly [number, number],
  options: RangeOptions<true, true>,
): Question {
  const ask = () => rankings.range(country, { ...options, reverse: true, withScores: true, withSize: true });
  return question(
    `${country} from ${from} to ${to}`,
    ask,
    ({ items, size }) => differs(size, ranking.size) ?? membersFault(items, ranking.descending.slice(from, to)),
  );
}

export const topTen: AskCountry = (country, options) => [part(country, [0, 10], { ...options, limit: 10 })];

/** The first pages, every tenth, the last one, and one past the end. */
export const pages: AskCountry = (country, options) => {
  const last = Math.max(1, Math.ceil(country.ranking.size / PAGE_SIZE));
  return Array.from({ length: last + 1 }, (_, at) => at + 1)
    .filter((page) => page <= 2 || page % 10 === 0 || page >= last)
    .map((page) =>
      part(country, [(page - 1) * PAGE_SIZE, page * PAGE_SIZE], { ...options, page, pageSize: PAGE_SIZE }),
    );
};

/** The rank of every tenth city; of every 50th also its score, and how many cities are at least as large. */
export const places: AskCountry = ({ rankings, country, ranking }, options) => {
  const sizes = new Map(ranking.descending.map(({ score }, rank) => [score, rank + 1]));
  return ranking.descending.flatMap(({ member, score }, rank) => {
    if (rank % 10 > 0) return [];
    const ranked = () => rankings.rank(country, member, { ...options, reverse: true });
    const questions = [question(`rank of ${country} ${member}`, ranked, (got) => differs(got, rank))];
    if (rank % 50 > 0) return questions;
    const scored = () => rankings.score(country, member, options);
    questions.push(question(`score of ${country} ${member}`, scored, (got) => differs(got, score)));
    const size = sizes.get(score);
    // Asked once: who asks the same meanwhile gets the same answer.
    if (!sizes.delete(score)) return questions;
    const counted = () => rankings.countBetween(country, score, Number.POSITIVE_INFINITY, options);
    return [...questions, question(`cities of ${country} from ${score} on`, counted, (got) => differs(got, size))];
  });
};

/** A city that is in no set, and a set that there is not. */
export const missing: AskCountry = ({ rankings, country }, options) => [
  question(
    `rank of none in ${country}`,
    () => rankings.rank(country, FOUNDED, options),
    (got) => differs(got, undefined),
  ),
  question(
    `size of no ${country}`,
    () => rankings.size(`no ${country}`, options),
    (got) => differs(got, 0),
  ),
];

/** The whole set, which is hot afterwards. */
export const whole: AskCountry = ({ rankings, country, ranking }) => [
  question(
    `all of ${country}`,
    () => rankings.refresh(country),
    (found) => (found ? membersFault(found.cities.toReversed(), ranking.descending) : 'does not exist'),
  ),
];

/** Some grow, all at once: sets stay hot while their members change. */
export const grow: AskCountry = ({ rankings, country, ranking }) =>
  every(100, 2, ranking).map(({ member, score }) => {
    ranking.set(member, score + MORE);
    const increment = () => rankings.incrementScore(country, member, MORE);
    return question(`incrementScore of ${country} ${member}`, increment, (sum) => differs(sum, score + MORE));
  });

/** The largest grows three times at once: in whatever order that happens, each time has a sum of its own. */
export const growAtOnce: AskCountry = ({ rankings, country, ranking }) => {
  const { member, score } = ranking.descending[0]!;
  const sums = new Set([1, 2, 3].map((times) => score + times * MORE));
  ranking.set(member, score + sums.size * MORE);
  const increment = () => rankings.incrementScore(country, member, MORE);
  return [...sums].map(() =>
    question(`incrementScore of ${country} ${member}`, increment, (sum) =>
      sums.delete(sum) ? undefined : `is ${sum}, which none of three increments of ${score} gives, or twice`,
    ),
  );
};

/** Some are counted anew, and one is founded. */
export const census: AskCountry = ({ rankings, country, ranking }) => {
  const counted = every(100, 3, ranking).map(({ member, score }) => ({ member, score: score + 1 }));
  const members = [{ member: FOUNDED, score: 0 }, ...counted];
  for (const { member, score } of members) ranking.set(member, score);
  return [
    question(
      `add to ${country}`,
      () => rankings.add(country, ...members),
      (added) => differs(added, 1),
    ),
  ];
};

/** Some are given up. */
export const giveUp: AskCountry = ({ rankings, country, ranking }) =>
  every(100, 4, ranking).map(({ member }) => {
    ranking.delete(member);
    const remove = () => rankings.remove(country, member, -member);
    return question(`remove from ${country}`, remove, (gone) => differs(gone, 1));
  });

const every = (step: number, first: number, { descending }: Ranking): readonly Scored<number>[] =>
  descending.filter((_, at) => at % step === first);
