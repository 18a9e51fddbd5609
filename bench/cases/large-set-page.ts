import type { Scored } from 'holdfast';
import type { BenchCase } from '../harness/case.js';
import type { Comparison } from '../harness/measure.js';
import { BOARD_TABLES, PAGE_SIZE } from './boards.js';
import { atOnce } from './databases.js';
import { LARGE, openLargeSets, playersFrom } from './large-set.js';

const SQL = `SELECT member, score FROM ${BOARD_TABLES[1]} WHERE id = $1 ORDER BY score, member LIMIT $2 OFFSET $3`;

/** One of the first 200 pages, or, far from the beginning, one of 5,000. */
const near = (n: number): number => ((n * 7) % 200) * PAGE_SIZE;
const far = (n: number): number => 100_000 + ((n * 7) % 5000) * PAGE_SIZE;

/** A page of a set of a million that PostgreSQL answers, beside SQL by hand on the same table. */
export const largeSetPage: BenchCase = {
  name: 'large-set-page',
  needs: ['postgres'],
  async open(context) {
    const { boards, pool, close } = await openLargeSets(context, false);
    const byHand = async (offset: number): Promise<Scored[]> => {
      const { rows } = await pool.query<Scored>(SQL, [LARGE.id, PAGE_SIZE, offset]);
      return rows;
    };
    const compared = (concurrency: number, offset: (n: number) => number, where: string): Comparison => ({
      title: `page of ${PAGE_SIZE} ${where} of 1,000,000, PostgreSQL, ${atOnce(concurrency)}`,
      concurrency,
      expected: (n) => playersFrom(offset(n), PAGE_SIZE),
      variants: [
        {
          name: 'range, without a hot tier',
          run: (n) => boards.range(LARGE.id, { offset: offset(n), limit: PAGE_SIZE, withScores: true }),
        },
        { name: 'pg, SQL by hand', run: (n) => byHand(offset(n)), aim: 0.8 },
      ],
    });
    return {
      comparisons: [
        compared(1, near, 'among the first 4,000'),
        compared(50, near, 'among the first 4,000'),
        compared(1, far, 'among the second 100,000'),
      ],
      close,
    };
  },
};
