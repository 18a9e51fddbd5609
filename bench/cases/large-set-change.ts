import type { BenchCase } from '../harness/case.js';
import type { Comparison } from '../harness/measure.js';
import { atOnce } from './databases.js';
import { LARGE, openLargeSets, playerName, SMALL } from './large-set.js';

/** Most calls in one measurement: few enough that the small set stays small. */
const LIMIT = 500;

const guest = (n: number): string => `guest-${n}`;
const guests = Array.from({ length: LIMIT }, (_, n) => guest(n));

/** What a change of a hot set of a million costs beside one of a thousand, on Redis and PostgreSQL. */
export const largeSetChange: BenchCase = {
  name: 'large-set-change',
  needs: ['redis', 'postgres'],
  async open(context) {
    const { boards, warm, close } = await openLargeSets(context, true);
    const ids = [LARGE.id, SMALL.id];
    const leave = async () => {
      for (const id of ids) await boards.remove(id, ...guests);
    };
    const enter = async () => {
      for (const id of ids) await boards.add(id, ...guests.map((member, score) => ({ member, score })));
    };
    const changes = [
      { name: 'add', prepare: leave, run: (id: string, n: number) => boards.add(id, { member: guest(n), score: n }) },
      { name: 'remove', prepare: enter, run: (id: string, n: number) => boards.remove(id, guest(n)) },
      {
        name: 'incrementScore',
        prepare: leave,
        run: (id: string, n: number) => boards.incrementScore(id, playerName((n * 7) % SMALL.players), 1),
      },
    ];
    return {
      comparisons: [1, 50].flatMap((concurrency) =>
        changes.map(
          ({ name, prepare, run }): Comparison => ({
            title: `${name}, Redis and PostgreSQL, ${atOnce(concurrency)}`,
            concurrency,
            limit: LIMIT,
            prepare: () => prepare().then(warm),
            variants: [
              { name: `${name}, set of 1,000,000`, run: (n) => run(LARGE.id, n) },
              { name: `${name}, set of 1,000`, run: (n) => run(SMALL.id, n), aim: 1 / 1.5 },
            ],
          }),
        ),
      ),
      close,
    };
  },
};
