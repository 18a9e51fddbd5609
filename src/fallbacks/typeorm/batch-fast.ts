import type { KeyedChange, WriteResult } from '../../core/fallback-driver.js';
import type { Done } from '../../core/kind.js';
import type { Schema } from '../../core/schema.js';
import { byId } from './collection-batch.js';
import type { Dialect } from './dialect.js';
import { Parameters } from './parameters.js';
import type { RemoteTable } from './remote-table.js';
import { Refusal, type Session } from './sessions.js';

/** What one change is in a statement that makes several; see {@link writeAtOnce}. */
export interface Piece {
  /** Parts of the statement that lock what is changed, the first of them only where `after` has a row. */
  locks(after: string | undefined): readonly string[];
  /** The part that has a row where the change can be made, to just what the statement sees. */
  readonly seen: string;
  /** The part that makes the change, where `READY` has a row. */
  readonly change: string;
  /** What the statement answers with, and of which parts. */
  readonly list: string;
  readonly width: number;
  readonly from: readonly string[];
  outcome(values: readonly unknown[]): Done;
}

/** The part of the statement that has a row where every change can be made. */
export const READY = 'ready';

/** The condition that a part has a row. */
export const has = (part: string): string => `EXISTS (SELECT 1 FROM ${part})`;

// Few, so that the texts of statements are.
const MOST = 4;

/**
 * Makes several changes in one statement of PostgreSQL, which is a transaction by itself. All that it sees is of the time when it began, so it locks
 * everything first, in the order of all other writes, and does nothing where something was changed while it waited.
 *
 * @returns `undefined` where it takes more than this, and nothing was done
 */
export async function writeAtOnce(
  session: Session,
  changes: readonly KeyedChange[],
  dialect: Dialect,
  tableOf: (schema: Schema) => RemoteTable,
): Promise<WriteResult | undefined> {
  if (changes.length > MOST) return undefined;
  const parameters = new Parameters(dialect);
  const names = new Set<string>();
  const pieces: Piece[] = [];
  const ordered = [...changes.entries()].sort(([, a], [, b]) =>
    a.schema === b.schema ? byId(a, b) : a.schema.name < b.schema.name ? -1 : 1,
  );
  for (const [at, { schema, key, change }] of ordered) {
    const piece = tableOf(schema).piece?.(String(at), key, change, parameters);
    if (!piece) return undefined;
    pieces.push(piece);
    names.add(`${schema.name} ${key.id}`);
  }
  if (names.size < changes.length) return undefined;
  const seen = pieces.map((piece) => piece.seen);
  const parts = [
    ...pieces.flatMap((piece, at) => piece.locks(seen[at - 1])),
    `${READY} AS MATERIALIZED (SELECT 1 FROM ${seen.join(', ')})`,
    ...pieces.map(({ change }) => change),
  ];
  const sql = `WITH ${parts.join(', ')} SELECT ${pieces.map(({ list }) => list).join(', ')} FROM ${pieces.flatMap(({ from }) => from).join(', ')}`;
  const values = await rowOf(session, sql, parameters.values);
  if (!values) return undefined;
  const outcomes = new Array<Done>(changes.length);
  let from = 0;
  for (const [place, [at]] of ordered.entries()) {
    const { width, outcome } = pieces[place]!;
    outcomes[at] = outcome(values.slice(from, from + width));
    from += width;
  }
  return { done: true, outcomes };
}

async function rowOf(session: Session, sql: string, parameters: unknown[]) {
  try {
    return (await session.run(sql, parameters, 'committing')).rows[0];
  } catch (error) {
    // Others put an item at the same place of a list.
    if (error instanceof Refusal && error.verdict === 'duplicate') return undefined;
    throw error;
  }
}
