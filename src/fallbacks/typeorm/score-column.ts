import { corrupt } from './column-codecs.js';
import type { DialectName } from './dialect.js';

const MAX = Number.MAX_VALUE;
/** The largest number but one. */
const SECOND = 1.797_693_134_862_315_5e308;
const INFINITY = Number.POSITIVE_INFINITY;

/** How a score stands in a column of one kind of database, and exactly in a second one where the first cannot hold it. */
export interface ScoreColumn {
  /** The parameters: of the column, and of the second one. */
  toSql(score: number): readonly [score: unknown, exact: string | null];
  /** @throws CorruptPlain */
  toScore(raw: unknown, exact: unknown): number;
  /** What tells the column's numbers from `score` on, and those up to it. */
  from(score: number): readonly [operator: '>' | '>=', score: unknown];
  to(score: number): readonly [operator: '<' | '<=', score: unknown];
  /** Whether it cannot be kept, since another number stands in its place. */
  refuses(score: number): boolean;
}

function asScore(raw: unknown): number {
  const score = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
  return typeof score === 'number' && !Number.isNaN(score) ? score : corrupt('score', raw);
}

const EXACT = new Map([
  ['-0', -0],
  ['max', MAX],
  ['-max', -MAX],
  ['inf', INFINITY],
  ['-inf', -INFINITY],
]);

const exactly = (raw: unknown, exact: unknown): number =>
  exact === null || exact === undefined ? asScore(raw) : (EXACT.get(String(exact)) ?? corrupt('score', exact));

const zero = (score: number): string | null => (Object.is(score, -0) ? '-0' : null);

// pg makes 0 of -0.
const text = (score: number): string => (Object.is(score, -0) ? '-0' : String(score));

const postgres: ScoreColumn = {
  toSql: (score) => [text(score), null],
  toScore: asScore,
  from: (score) => ['>=', text(score)],
  to: (score) => ['<=', text(score)],
  refuses: () => false,
};

const sqlite: ScoreColumn = {
  toSql: (score) => [score + 0, zero(score)],
  toScore: exactly,
  from: (score) => ['>=', score + 0],
  to: (score) => ['<=', score + 0],
  refuses: () => false,
};

// MySQL and MariaDB know no infinities. The largest number stands for them, and for that number the next one, which nobody needs.
const stored = (score: number): number => {
  const size = Math.abs(score);
  return (size < MAX ? score : size === MAX ? Math.sign(score) * SECOND : Math.sign(score) * MAX) + 0;
};

const nameOf = (score: number): string => (Number.isFinite(score) ? 'max' : 'inf');

const mysql: ScoreColumn = {
  toSql: (score) => [
    stored(score),
    Math.abs(score) < MAX ? zero(score) : score > 0 ? nameOf(score) : `-${nameOf(score)}`,
  ],
  toScore: exactly,
  from: (score) => [score === -SECOND ? '>' : '>=', stored(score)],
  to: (score) => [score === SECOND ? '<' : '<=', stored(score)],
  refuses: (score) => Math.abs(score) === SECOND,
};

/** The scores of a kind of database. */
export const scoreColumn = (name: DialectName): ScoreColumn =>
  name === 'postgres' ? postgres : name === 'sqlite' ? sqlite : mysql;
