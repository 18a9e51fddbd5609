import { byBytes, commonModel, type Model, Refusal } from './model.js';

interface Scored {
  readonly member: string;
  readonly score: number;
}

const order = (a: Scored, b: Scored) => (a.score < b.score ? -1 : a.score > b.score ? 1 : byBytes(a.member, b.member));

interface Range {
  readonly reverse?: boolean;
  readonly offset?: number;
  readonly limit?: number;
  readonly page?: number;
  readonly pageSize?: number;
  readonly minScore?: number;
  readonly maxScore?: number;
  readonly withScores?: boolean;
  readonly withSize?: boolean;
}

/** A sorted set of the property `members`. */
export function sortedSetModel(maxSize = Number.POSITIVE_INFINITY): Model {
  const there = new Map<string, readonly Scored[]>();
  const trimmed = (members: readonly Scored[]) => [...members].sort(order).slice(Math.max(0, members.length - maxSize));
  const get = (key: string) => there.get(key) ?? [];
  const scoreOf = (key: string, member: string) => get(key).find((one) => one.member === member)?.score;
  const put = (key: string, given: readonly Scored[]) => {
    const scores = new Map(get(key).map(({ member, score }) => [member, score]));
    for (const { member, score } of given) scores.set(member, score);
    there.set(key, trimmed(Array.from(scores, ([member, score]) => ({ member, score }))));
  };
  return {
    ...commonModel<readonly Scored[]>({
      there,
      kept: ({ members }) => trimmed(members as Scored[]),
      told: (members) => ({ members }),
    }),
    add(key: string, ...given: readonly Scored[]) {
      const fresh = new Set(given.map(({ member }) => member).filter((member) => scoreOf(key, member) === undefined));
      if (given.length > 0) put(key, given);
      return fresh.size;
    },
    remove(key: string, ...given: readonly string[]) {
      const before = get(key);
      const after = before.filter(({ member }) => !given.includes(member));
      if (there.has(key)) there.set(key, after);
      return before.length - after.length;
    },
    incrementScore(key: string, member: string, by = 1) {
      // To add -0 is to add 0.
      const score = (scoreOf(key, member) ?? 0) + (by + 0);
      if (Number.isNaN(score)) throw new Refusal('ValidationError');
      put(key, [{ member, score }]);
      return score;
    },
    score: scoreOf,
    rank(key: string, member: string, { reverse = false }: Range = {}) {
      const place = get(key).findIndex((one) => one.member === member);
      if (place < 0) return undefined;
      return reverse ? get(key).length - 1 - place : place;
    },
    size: (key: string) => get(key).length,
    countBetween: (key: string, min: number, max: number) =>
      get(key).filter(({ score }) => score >= min && score <= max).length,
    range(key: string, options: Range = {}) {
      const { minScore = Number.NEGATIVE_INFINITY, maxScore = Number.POSITIVE_INFINITY, page = 1 } = options;
      const paged = options.page !== undefined || options.pageSize !== undefined;
      const limit = paged ? (options.pageSize ?? 20) : (options.limit ?? Number.POSITIVE_INFINITY);
      const offset = paged ? (page - 1) * limit : (options.offset ?? 0);
      const all = get(key).filter(({ score }) => score >= minScore && score <= maxScore);
      if (options.reverse) all.reverse();
      const part = all.slice(offset, offset + limit);
      const items = part.map(({ member, score }) => (options.withScores ? { member, score } : member));
      return options.withSize ? { items, size: all.length } : items;
    },
  };
}
