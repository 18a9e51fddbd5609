import type { Dialect } from './dialect.js';

/** The parameters of a statement while it is written. */
export class Parameters {
  readonly values: unknown[] = [];
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** Adds one and gives what stands for it in the SQL. */
  add(value: unknown): string {
    this.values.push(value);
    return this.#dialect.placeholder(this.values.length);
  }

  /** Adds several, and gives what stands for them with commas between. */
  list(values: readonly unknown[]): string {
    return values.map((value) => this.add(value)).join(', ');
  }
}

/** Parts of at most `size` items. */
export function chunks<T>(items: readonly T[], size: number): (readonly T[])[] {
  if (items.length <= size) return [items];
  const out: (readonly T[])[] = [];
  for (let at = 0; at < items.length; at += size) out.push(items.slice(at, at + size));
  return out;
}

const MAX_PARAMETERS = 30_000;
/** Most rows of one statement. */
export const MAX_ROWS = 1_000;
const MAX_BYTES = 4_000_000;

const sizeOf = (value: unknown): number =>
  typeof value === 'string' ? Buffer.byteLength(value) : value instanceof Uint8Array ? value.length * 2 : 8;

/** About how many bytes a row has in a statement: text in UTF-8, bytes as hexadecimal digits. */
export function rowSize(row: readonly unknown[]): number {
  let size = 0;
  for (const value of row) size += sizeOf(value);
  return size;
}

/** Rows in parts that fit into one statement each: within the limits on parameters and on the size of a packet. */
export function rowChunks(rows: readonly (readonly unknown[])[]): (readonly (readonly unknown[])[])[] {
  const most = Math.max(1, Math.min(MAX_ROWS, Math.floor(MAX_PARAMETERS / Math.max(rows[0]?.length ?? 1, 1))));
  const out: (readonly unknown[])[][] = [];
  let part: (readonly unknown[])[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = rowSize(row);
    if (part.length === most || (part.length > 0 && bytes + size > MAX_BYTES)) {
      out.push(part);
      part = [];
      bytes = 0;
    }
    part.push(row);
    bytes += size;
  }
  if (part.length > 0) out.push(part);
  return out;
}
