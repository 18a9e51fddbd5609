import { CorruptPlain } from './plain.js';

/** A score as Redis reads it. */
export const scoreText = (score: number): string =>
  Object.is(score, -0)
    ? '-0'
    : score === Number.POSITIVE_INFINITY
      ? 'inf'
      : score === Number.NEGATIVE_INFINITY
        ? '-inf'
        : String(score);

/** The inverse of {@link scoreText}. @throws CorruptPlain */
export function textScore(text: unknown): number {
  if (text === 'inf' || text === '-inf') return text === 'inf' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  const score = typeof text === 'string' && text !== '' ? Number(text) : Number.NaN;
  if (Number.isNaN(score)) throw new CorruptPlain(`${JSON.stringify(text)} is no score`);
  return score;
}

/**
 * A text that no member has, and too long for the compact form in which Redis keeps a small sorted set, and -0 as 0. A sorted set that
 * once had it keeps -0.
 */
export const SIGN_KEEPER = `\0${'~'.repeat(1023)}`;
