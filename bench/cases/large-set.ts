import { setTimeout as sleep } from 'node:timers/promises';
import { Holdfast, type Scored, type SortedSetRepository } from 'holdfast';
import { openDriver } from 'holdfast/testing';
import pg from 'pg';
import type { BenchContext } from '../harness/case.js';
import { instead } from '../support/instead.js';
import { BOARD_TABLES, HotBoard } from './boards.js';

/** How many players are on the large board, and on the small one. */
export const LARGE = { id: 'large', players: 1_000_000 } as const;
export const SMALL = { id: 'small', players: 1000 } as const;

/** Scores go up with the number of the player, two of each. */
export const scoreOf = (player: number): number => Math.floor(player / 2);
export const playerName = (player: number): string => `player-${1_000_000 + player}`;

/** The players from one place on, in order. */
export const playersFrom = (place: number, count: number): Scored[] =>
  Array.from({ length: count }, (_, at) => ({ member: playerName(place + at), score: scoreOf(place + at) }));

/** The boards on PostgreSQL, filled by SQL. */
export interface LargeSets {
  readonly boards: SortedSetRepository<HotBoard>;
  readonly pool: pg.Pool;
  /** Waits until both are hot, which they are unless the machine is too slow. */
  readonly warm: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens a holdfast on PostgreSQL, and on Redis where it is to be hot, with a board of a million and one of a thousand. */
export async function openLargeSets(context: BenchContext, hot: boolean): Promise<LargeSets> {
  const { redisUrl, postgresUrl, ownName: namespace } = context;
  const driver = await openDriver(postgresUrl, 'home');
  let durable = 0;
  const counted = instead(driver, {
    read: (...args) => {
      durable++;
      return driver.read(...args);
    },
  });
  const holdfast = await Holdfast.open({
    entities: [HotBoard],
    redis: hot ? redisUrl : false,
    namespace,
    fallbacks: { home: counted },
    synchronize: true,
    logger: false,
  });
  const boards = holdfast.repository(HotBoard);
  const pool = new pg.Pool({ connectionString: postgresUrl, max: 10 });
  for (const board of [LARGE, SMALL]) await fill(pool, board);
  const warm = async () => {
    for (const { id } of [LARGE, SMALL])
      for (let before = -1; before !== durable; ) {
        // Whoever asks for what is cold has it warmed; it is hot when nobody asks the database any more.
        if (before >= 0) await sleep(200);
        before = durable;
        await boards.size(id);
      }
  };
  if (hot) await warm();
  return { boards, pool, warm, close: () => Promise.all([holdfast.close(), pool.end()]).then(() => {}) };
}

async function fill(pool: pg.Pool, { id, players }: { readonly id: string; readonly players: number }): Promise<void> {
  const [board, table] = BOARD_TABLES;
  await pool.query(`INSERT INTO ${board} (id) VALUES ($1) ON CONFLICT DO NOTHING`, [id]);
  await pool.query(
    `INSERT INTO ${table} (id, member, score) SELECT $1, 'player-' || 1000000 + n, n / 2 FROM generate_series(0, $2 - 1) n ON CONFLICT DO NOTHING`,
    [id, players],
  );
  await pool.query(`VACUUM ANALYZE ${table}`);
}
