import { CorruptEntryError } from '../../index.js';
import type { Context, TurnField } from '../context.js';
import { TURN_FIELDS } from '../context.js';
import { type Label, labelFrom } from '../label.js';
import { checkTurn, type Turns, turnNumbers } from '../turns.js';
import { jsonOf } from './storable.js';

/** What a context has of one turn. */
export interface Turn {
  readonly turn: number;
  readonly label?: Label;
  readonly request?: unknown;
  readonly response?: unknown;
}

/** One turn of a context, with its content as it is stored. */
export interface TurnItem {
  readonly turn: number;
  /** JSON, without what only the store adds. */
  readonly content: string;
}

const SHORT: Readonly<Record<TurnField, string>> = { labels: 'l', requests: 'q', responses: 'r' };

/** The turns of a context, oldest first. @throws ValidationError that names the path to what cannot be stored */
export function turnItems(context: Context, user: string): TurnItem[] {
  const numbers = new Set<number>();
  for (const field of TURN_FIELDS)
    for (const turn of Object.keys(context[field])) {
      checkTurn(field, turn);
      numbers.add(Number(turn));
    }
  return [...numbers].sort((a, b) => a - b).map((turn) => ({ turn, content: contentOf(context, turn, user) }));
}

function contentOf(context: Context, turn: number, user: string): string {
  const parts = [`"n":${turn}`];
  for (const field of TURN_FIELDS) {
    if (!Object.hasOwn(context[field], turn)) continue;
    const place = `${field}[${turn}]`;
    const value = context[field][turn];
    if (field === 'labels') labelFrom(value, place);
    parts.push(`"${SHORT[field]}":${jsonOf(user, place, value === undefined ? null : value)}`);
  }
  return `{${parts.join()}}`;
}

/** A turn as it is stored: its content, and the version whose write put it there. */
export const storedItem = ({ content }: TurnItem, version: number): string => `${content.slice(0, -1)},"v":${version}}`;

/** The content of a stored turn, and the version of its write. @throws CorruptEntryError */
export function readItem(item: string, user: string): TurnItem & { readonly version: number } {
  const found = /^(\{"n":(\d+).*),"v":(\d+)\}$/s.exec(item);
  if (!found) throw corrupt(item, user);
  return { turn: Number(found[2]), content: `${found[1]}}`, version: Number(found[3]) };
}

/** A stored turn as its user knows it. @throws CorruptEntryError */
export function turnOf(content: string, user: string): Turn {
  const { turn, l, q, r } = partsOf(content, user);
  return {
    turn,
    ...(l !== undefined && { label: l }),
    ...(q !== undefined && { request: q }),
    ...(r !== undefined && { response: r }),
  };
}

/** What a turn has of each field, `undefined` for nothing. @throws CorruptEntryError */
function partsOf(content: string, user: string) {
  try {
    const { n, l, q, r } = JSON.parse(content) as { n: number; l?: Label; q?: unknown; r?: unknown };
    return { turn: n, l: l === undefined ? l : labelFrom(l, `labels[${n}]`), q, r };
  } catch (cause) {
    throw corrupt(content, user, cause);
  }
}

/** The turns of stored items, put into a context's fields. @throws CorruptEntryError */
export function fieldsOf(items: readonly TurnItem[], user: string) {
  const labels: Turns<Label> = {};
  const requests: Turns<unknown> = {};
  const responses: Turns<unknown> = {};
  for (const { content } of items) {
    const { turn, l, q, r } = partsOf(content, user);
    if (l !== undefined) labels[turn] = l;
    if (q !== undefined) requests[turn] = q;
    if (r !== undefined) responses[turn] = r;
  }
  return { labels, requests, responses };
}

/** Takes from older turns what is not wanted any more: of each named field all but the last so many. */
export function withoutCleared(
  items: readonly TurnItem[],
  kept: Partial<Record<TurnField, number>>,
  user: string,
): TurnItem[] {
  const fields = fieldsOf(items, user);
  for (const field of TURN_FIELDS) {
    const numbers = turnNumbers(fields[field]);
    const keep = kept[field] ?? Number.POSITIVE_INFINITY;
    for (const turn of numbers.slice(0, Math.max(0, numbers.length - keep))) delete fields[field][turn];
  }
  return turnItems(fields as Context, user);
}

/** Both one after the other; of a turn that is in both, what either has of it. */
export function mergedItems(older: readonly TurnItem[], newer: readonly TurnItem[], user: string): TurnItem[] {
  if (newer.length === 0 || older.length === 0 || older.at(-1)!.turn < newer[0]!.turn) return [...older, ...newer];
  const [a, b] = [fieldsOf(older, user), fieldsOf(newer, user)];
  const merged = {
    labels: { ...a.labels, ...b.labels },
    requests: { ...a.requests, ...b.requests },
    responses: { ...a.responses, ...b.responses },
  };
  return turnItems(merged as Context, user);
}

const corrupt = (item: string, user: string, cause?: unknown) =>
  new CorruptEntryError('Context', user, `${JSON.stringify(item.slice(0, 40))} is no stored turn`, { cause });
