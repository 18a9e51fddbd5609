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
  /** What was read of it, where that was read. */
  readonly parts?: TurnParts;
}

/** What a turn has of each field, `undefined` for nothing. A label as text, since a context may change its own. */
interface TurnParts {
  readonly labels: string | undefined;
  readonly requests: unknown;
  readonly responses: unknown;
}

const VERSION = ',"v":';
const SHORT: Readonly<Record<TurnField, string>> = { labels: 'l', requests: 'q', responses: 'r' };

/**
 * The turns of a context, oldest first; those that are as they were in `known` are the same as there.
 *
 * @throws ValidationError that names the path to what cannot be stored
 */
export function turnItems(context: Context, user: string, known: readonly TurnItem[] = []): TurnItem[] {
  const turns = new Set<string>();
  for (const field of TURN_FIELDS)
    for (const turn of Object.keys(context[field])) {
      if (turns.has(turn)) continue;
      checkTurn(field, turn);
      turns.add(turn);
    }
  const numbers = Array.from(turns, Number).sort((a, b) => a - b);
  let at = 0;
  return numbers.map((turn) => {
    while (at < known.length && known[at]!.turn < turn) at++;
    const before = known[at];
    if (before?.turn === turn && isAsRead(context, before)) return before;
    return { turn, content: contentOf(context, turn, user) };
  });
}

/** Whether a turn is what was read; only of what cannot change in place can that be seen at once. */
function isAsRead(context: Context, { turn, parts }: TurnItem): boolean {
  if (!parts) return false;
  for (const field of TURN_FIELDS) {
    const value: unknown = context[field][turn];
    const is = field === 'labels' && Array.isArray(value) ? labelText(value) : value;
    if ((typeof is === 'object' && is !== null) || is !== parts[field]) return false;
    if (is === undefined && Object.hasOwn(context[field], turn)) return false;
  }
  return true;
}

const labelText = (label: readonly unknown[]): string | undefined =>
  label.length === 2 && typeof label[0] === 'string' && typeof label[1] === 'string'
    ? `${label[0].length} ${label[0]}${label[1]}`
    : undefined;

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
export const storedItem = ({ content }: TurnItem, version: number): string =>
  `${content.slice(0, -1)}${VERSION}${version}}`;

/** The content of a stored turn, and the version of its write. @throws CorruptEntryError */
export function readItem(item: string, user: string): TurnItem & { readonly version: number } {
  const end = item.lastIndexOf(VERSION);
  const [, turn] = /^\{"n":(\d+)[,}]/.exec(item) ?? [];
  const version = Number(item.slice(end + VERSION.length, -1));
  if (end < 0 || turn === undefined || !Number.isSafeInteger(version) || !item.endsWith('}')) throw corrupt(item, user);
  return { turn: Number(turn), content: `${item.slice(0, end)}}`, version };
}

/** A stored turn as its user knows it. @throws CorruptEntryError */
export function turnOf(content: string, user: string): Turn {
  const { n, l, q, r } = contentsOf([content], user)[0]!;
  return {
    turn: n,
    ...(l !== undefined && { label: l }),
    ...(q !== undefined && { request: q }),
    ...(r !== undefined && { response: r }),
  };
}

interface Content {
  readonly n: number;
  readonly l?: Label;
  readonly q?: unknown;
  readonly r?: unknown;
}

/** What turns have of each field, read at once, since that is quicker. @throws CorruptEntryError */
function contentsOf(contents: readonly string[], user: string): readonly Content[] {
  let read: readonly Content[];
  try {
    read = JSON.parse(`[${contents.join()}]`) as readonly Content[];
    for (const { n, l } of read) if (l !== undefined) labelFrom(l, `labels[${n}]`);
  } catch (cause) {
    if (contents.length === 1) throw corrupt(contents[0]!, user, cause);
    // Tells which.
    return contents.flatMap((content) => contentsOf([content], user));
  }
  if (read.length !== contents.length) throw corrupt(contents.join(), user);
  return read;
}

/** The turns of stored items, put into a context's fields. @throws CorruptEntryError */
export const fieldsOf = (items: readonly TurnItem[], user: string) => readFields(items, user).fields;

/** Likewise, and the items with what was read of them. */
export function readFields(items: readonly TurnItem[], user: string) {
  const labels: Turns<Label> = {};
  const requests: Turns<unknown> = {};
  const responses: Turns<unknown> = {};
  const contents = contentsOf(
    items.map(({ content }) => content),
    user,
  );
  const read = items.map(({ turn, content }, at): TurnItem => {
    const { l, q, r } = contents[at]!;
    if (l !== undefined) labels[turn] = l;
    if (q !== undefined) requests[turn] = q;
    if (r !== undefined) responses[turn] = r;
    return { turn, content, parts: { labels: l && labelText(l), requests: q, responses: r } };
  });
  return { fields: { labels, requests, responses }, read };
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
