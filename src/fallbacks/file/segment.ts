import { StoreFault } from '../../core/fallback-driver.js';

/** A file that is to hold `content`, or is to be no more; `path` is below the store's directory. */
export interface Operation {
  readonly path: string;
  readonly content: string | null;
}

/** One write, as the journal keeps it. */
export interface Segment {
  readonly number: number;
  /** Every write up to this one is flushed to its place. */
  readonly floor: number;
  readonly operations: readonly Operation[];
}

/** JSON lines: a head, then one operation a line. */
export function formatSegment({ number, floor, operations }: Segment): string {
  const lines = [JSON.stringify({ number, floor, operations: operations.length })];
  for (const { path, content } of operations) lines.push(JSON.stringify([path, content]));
  return `${lines.join('\n')}\n`;
}

/** The inverse of {@link formatSegment}; `file` is its path, for errors. @throws StoreFault */
export function parseSegment(content: Buffer, file: string): Segment {
  try {
    const lines = content.toString().split('\n');
    const head = JSON.parse(lines[0]!) as { number: number; floor: number; operations: number };
    const operations = lines.slice(1, -1).map((line): Operation => {
      const [path, document] = JSON.parse(line) as [string, string | null];
      return { path, content: document };
    });
    if (operations.length !== head.operations)
      throw new Error(`${operations.length} of ${head.operations} lines are left`);
    return { number: head.number, floor: head.floor, operations };
  } catch (cause) {
    throw new StoreFault(
      `The journal ${file} is damaged (${(cause as Error).message}). Move it away to go on without the write that it holds.`,
      'none',
      { cause },
    );
  }
}
