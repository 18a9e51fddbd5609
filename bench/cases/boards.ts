import { Entity, Fallback, Key, Members, type Scored, SortedSet, type SortedSetMembers } from 'holdfast';
import { PERSON } from './people.js';

/** The table, and what the keys begin with: of this run alone. */
export const BOARD = `${PERSON}_board`;

/** The tables of boards: of the boards, and of their players. */
export const BOARD_TABLES = [BOARD, `${BOARD}_players`] as const;

/** A leaderboard. */
export class Board {
  @Key() id!: string;
  @Members() players!: SortedSetMembers;
}

/** In Redis, with a durable store behind it. */
@Entity(BOARD)
@SortedSet({ ttl: '1h' })
@Fallback('home')
export class HotBoard extends Board {}

/** In Redis alone. */
@Entity(`${BOARD}_redis`)
@SortedSet({ ttl: '1h' })
export class RedisBoard extends Board {}

/** So many are on a page. */
export const PAGE_SIZE = 20;

/** How many boards there are, and how many players on each. */
export const BOARDS = 100;
export const PLAYERS = 1000;

export const boardId = (board: number): string => `board-${board}`;

/** All players of a board in order: on each board they have other scores. */
const boards: readonly (readonly Scored[])[] = Array.from({ length: BOARDS }, (_, board) =>
  Array.from({ length: PLAYERS }, (_, place) => ({
    member: `player-${(place * 7 + board) % PLAYERS}`,
    score: place * 10 + board / 100,
  })),
);

/** All boards with all their players. */
export const everyBoard = boards.map((players, board) => ({ id: boardId(board), players: [...players] }));

/** A part of a board. */
export interface PageAsked {
  readonly id: string;
  readonly page: number;
}

/** What call number `n` asks for: calls that follow each other ask for other boards, and for other pages. */
export const pageAsked = (n: number): PageAsked => ({
  id: boardId(n % BOARDS),
  page: 1 + ((n * 7 + Math.floor(n / BOARDS) * 3) % (PLAYERS / PAGE_SIZE)),
});

/** What it must be answered with. */
export function pageOf(n: number): readonly Scored[] {
  const { page } = pageAsked(n);
  return boards[n % BOARDS]!.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE);
}
