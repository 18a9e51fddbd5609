import { grouped, table } from '../support/table.js';

/** How much room something takes beside the same written by hand, or beside something else, in bytes. */
export interface Room {
  readonly title: string;
  readonly ours: number;
  readonly bare: number;
  /** What that is. Default: the same written by hand. */
  readonly besides?: string;
  /** How many times as much ours may take. */
  readonly aim?: number;
}

/** All of them as a table. */
export function printedRooms(title: string, rooms: readonly Room[]): string {
  const rows = rooms.map(({ title, ours, bare, aim }) => [
    title,
    grouped(ours),
    grouped(bare),
    (ours / bare).toFixed(3),
    aim === undefined ? '' : `${aim.toFixed(2)} ${ours <= aim * bare ? 'met' : 'MISSED'}`,
  ]);
  return table([title, 'bytes', rooms[0]?.besides ?? 'bare', 'ratio', 'aim'], rows);
}
