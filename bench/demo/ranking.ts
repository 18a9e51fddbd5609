import type { Scored } from 'holdfast';
import type { CityData } from './cities.js';

/** What a sorted set of cities must answer: worked out by sorting all of them, with nothing of Holdfast. */
export class Ranking {
  readonly #scores = new Map<number, number>();
  #descending: readonly Scored<number>[] | undefined;
  #ranks: ReadonlyMap<number, number> | undefined;

  /** Highest score first, and of one score in the reverse order of the ids as texts, which is that of their bytes. */
  get descending(): readonly Scored<number>[] {
    this.#descending ??= [...this.#scores]
      .map(([member, score]) => ({ member, score }))
      .sort((a, b) => b.score - a.score || (String(a.member) < String(b.member) ? 1 : -1));
    return this.#descending;
  }

  get size(): number {
    return this.#scores.size;
  }

  score(member: number): number | undefined {
    return this.#scores.get(member);
  }

  /** How many have a higher score, or the same and come after it. */
  rank(member: number): number | undefined {
    this.#ranks ??= new Map(this.descending.map((one, rank) => [one.member, rank]));
    return this.#ranks.get(member);
  }

  set(member: number, score: number): void {
    this.#scores.set(member, score);
    this.#changed();
  }

  delete(member: number): void {
    this.#scores.delete(member);
    this.#changed();
  }

  #changed(): void {
    this.#descending = this.#ranks = undefined;
  }
}

/** The cities of each country by population. */
export function rankingsOf(cities: readonly CityData[]): ReadonlyMap<string, Ranking> {
  const rankings = new Map<string, Ranking>();
  for (const { country, cityId, population } of cities) {
    const ranking = rankings.get(country) ?? new Ranking();
    rankings.set(country, ranking);
    ranking.set(cityId, population);
  }
  return rankings;
}
