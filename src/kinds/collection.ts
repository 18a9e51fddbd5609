import {
  type Answer,
  type CollectionQuery,
  type Delta,
  type End,
  type Member,
  membersOf,
  notANumber,
  type Structure,
  valueOfMembers,
} from '../core/collection.js';
import { distanceWithin, geohashRanges, type Place, placeOf } from '../core/geo.js';
import { compareText } from '../core/key-order.js';
import type { Change, CollectionChange, CollectionForm, Done, Entry, Kind, Outcome } from '../core/kind.js';
import { Members } from '../core/members.js';
import type { Schema } from '../core/schema.js';
import { applyToRow } from './row.js';

/** What kinds of collections have in common: all but their calls, their property and how they lie in Redis. */
export type CollectionParts = Pick<
  Kind,
  'redis' | 'structure' | 'nothing' | 'apply' | 'select' | 'same' | 'touches' | 'merge'
>;

/** The parts of a kind whose values are collections of this structure. */
export function collectionParts(structure: Structure, redis: CollectionForm): CollectionParts {
  return {
    redis,
    structure,
    nothing: { id: 'exists', type: 'exists' } satisfies CollectionQuery,
    apply: (schema, entry, change) => apply(schema, structure, entry, change as CollectionChange),
    select: (_, value, query) => (query === undefined ? value : answerOf(membersOf(value), query as CollectionQuery)),
    same: (a, b) => membersOf(a).same(membersOf(b)),
    touches,
    merge: (value, delta) => valueOfMembers(merged(membersOf(value), delta)),
  };
}

const NOTHING: Answer = { members: [], numbers: [] };

const numbers = (...found: readonly (number | undefined)[]): Answer => ({ members: [], numbers: found });

// What goes over the limit is not known before: such a change is about all members.
function touches({ limit }: Schema, given: Change): readonly string[] | undefined {
  const change = given as CollectionChange;
  switch (change.type) {
    case 'add':
      return limit === undefined ? change.members.map(({ text }) => text) : undefined;
    case 'increment':
      return limit === undefined ? [change.text] : undefined;
    case 'remove':
      return change.texts;
    default:
      return undefined;
  }
}

function apply(schema: Schema, structure: Structure, entry: Entry | null, change: CollectionChange): Outcome {
  switch (change.type) {
    case 'put':
    case 'patch':
    case 'modify':
    case 'delete':
      return applyToRow(schema, entry, change);
  }
  if (entry === null && (change.type === 'remove' || change.type === 'pop'))
    return {
      status: 'done',
      entry: null,
      existed: false,
      delta: NO_DELTA,
      answer: change.type === 'remove' ? numbers(0) : NOTHING,
    };
  const before = entry === null ? Members.of(structure, []) : membersOf(entry.value);
  const made = changed(schema, before, change);
  if ('fact' in made) return { status: 'invalid', fact: made.fact };
  const { members, delta, answer } = made;
  const expiresAt = entry === null ? (change as { expiresAt?: number | undefined }).expiresAt : entry.expiresAt;
  return {
    status: 'done',
    entry: { value: valueOfMembers(members), expiresAt },
    existed: entry !== null,
    delta,
    answer,
  };
}

const NO_DELTA: Delta = { type: 'members', put: [], remove: [] };

type Changed = { readonly members: Members } & Required<Pick<Done, 'delta' | 'answer'>>;
type OfMembers = Exclude<CollectionChange, { readonly type: 'put' | 'patch' | 'modify' | 'delete' }>;

function changed(schema: Schema, before: Members, change: OfMembers): Changed | { readonly fact: string } {
  switch (change.type) {
    case 'add':
      return put(schema, before, change.members, before);
    case 'increment': {
      const score = (before.get(change.text)?.score ?? 0) + change.by;
      if (Number.isNaN(score)) return { fact: notANumber(change.text, change.by) };
      return { ...put(schema, before, [{ text: change.text, score }], before), answer: numbers(score) };
    }
    case 'remove': {
      const remove = [...new Set(change.texts)].flatMap((text) => before.get(text) ?? []);
      const delta: Delta = { type: 'members', put: [], remove: remove.map(({ text }) => text) };
      return { members: before.without(remove), delta, answer: numbers(remove.length) };
    }
    case 'push': {
      const { end, texts } = change;
      const pushed = merged(before, { type: 'ends', end, pop: 0, push: texts, trim: 0 });
      const trim = Math.max(0, pushed.size - (schema.limit ?? Number.POSITIVE_INFINITY));
      const delta: Delta = { type: 'ends', end, pop: 0, push: texts, trim };
      const members = merged(before, delta);
      return { members, delta, answer: numbers(members.size) };
    }
    case 'pop': {
      const { end } = change;
      const members = end === 'last' ? before.ordered.slice(before.size - 1, before.size) : before.ordered.slice(0, 1);
      const delta: Delta = { type: 'ends', end, pop: members.length, push: [], trim: 0 };
      return { members: merged(before, delta), delta, answer: { members, numbers: [] } };
    }
  }
}

function put(schema: Schema, before: Members, members: readonly Member[], old: Members): Changed {
  const all = before.with(members);
  const lowest = all.ordered.slice(0, Math.max(0, all.size - (schema.limit ?? Number.POSITIVE_INFINITY)));
  const gone = new Set(lowest.map(({ text }) => text));
  return {
    members: lowest.length > 0 ? all.without(lowest) : all,
    delta: {
      type: 'members',
      put: members.filter(({ text }) => !gone.has(text)),
      remove: lowest.flatMap(({ text }) => (old.get(text) ? [text] : [])),
    },
    answer: numbers(members.filter(({ text }) => !old.get(text)).length),
  };
}

function merged(before: Members, delta: Delta): Members {
  if (delta.type === 'members')
    return before.without(delta.remove.flatMap((text) => before.get(text) ?? [])).with(delta.put);
  const { end, pop, push, trim } = delta;
  const other: End = end === 'last' ? 'first' : 'last';
  return without(pushed(without(before, end, pop), end, push), other, trim);
}

function without(list: Members, end: End, count: number): Members {
  const from = end === 'last' ? Math.max(0, list.size - count) : 0;
  return count === 0 ? list : list.without(list.ordered.slice(from, from + count));
}

function pushed(list: Members, end: End, texts: readonly string[]): Members {
  const [edge] = list.ordered.slice(end === 'last' ? list.size - 1 : 0, end === 'last' ? list.size : 1);
  const step = end === 'last' ? 1 : -1;
  const start = edge ? edge.score + step : 0;
  return list.with(texts.map((text, at) => ({ text, score: start + at * step })));
}

/** What a collection answers. */
export function answerOf(members: Members, query: CollectionQuery): Answer {
  const { ordered, size } = members;
  switch (query.type) {
    case 'exists':
      return NOTHING;
    case 'size':
      return numbers(size);
    case 'count': {
      const [from, to] = placesBetween(members, query);
      return numbers(Math.max(0, to - from));
    }
    case 'scores':
      return numbers(...query.texts.map((text) => members.get(text)?.score));
    case 'rank': {
      const member = members.get(query.text);
      if (!member) return numbers(undefined);
      const before = ordered.before(member);
      return numbers(query.reverse ? size - 1 - before : before);
    }
    case 'slice':
      return slice(members, query);
    case 'between': {
      const index = (given: number) => (given < 0 ? size + given : given);
      return { members: ordered.slice(Math.max(0, index(query.start)), index(query.stop) + 1), numbers: [] };
    }
    case 'near':
      return near(members, query);
    case 'scan': {
      const list = members.structure === 'list';
      const found = members.after(query.after === '' ? undefined : query.after.slice(1), query.limit);
      const last = found.at(-1);
      const next = last && found.length === query.limit ? `=${list ? last.score : last.text}` : undefined;
      return { members: found, numbers: [], next };
    }
  }
}

// No text comes before the empty one, and none after this place of a score.
function placesBetween({ ordered }: Members, { min, max }: { readonly min: number; readonly max: number }) {
  const above = ordered.before({ text: '', score: min });
  const next = firstAbove(ordered, max);
  return [above, next] as const;
}

function firstAbove(ordered: Members['ordered'], max: number): number {
  return max === Number.POSITIVE_INFINITY ? ordered.size : ordered.before({ text: '', score: nextAfter(max) });
}

const cell = new Float64Array(1);
const bits = new BigInt64Array(cell.buffer);

/** The next larger number. */
function nextAfter(score: number): number {
  cell[0] = score === 0 ? 0 : score;
  bits[0] = bits[0]! + (cell[0] < 0 ? -1n : 1n);
  return cell[0];
}

function slice(members: Members, query: Extract<CollectionQuery, { readonly type: 'slice' }>): Answer {
  const { offset, limit = Number.POSITIVE_INFINITY, reverse } = query;
  const [from, to] = placesBetween(members, query);
  const size = Math.max(0, to - from);
  const count = Math.max(0, Math.min(limit, size - offset));
  const found = reverse
    ? members.ordered.slice(to - offset - count, to - offset).reverse()
    : members.ordered.slice(from + offset, from + offset + count);
  return { members: count === 0 ? [] : found, numbers: query.size ? [size] : [] };
}

function near(members: Members, query: Extract<CollectionQuery, { readonly type: 'near' }>): Answer {
  const { area, limit, sort } = query;
  const center = typeof query.center === 'string' ? centerAt(members, query.center) : query.center;
  if (!center) return NOTHING;
  const found: { readonly member: Member; readonly distance: number }[] = [];
  for (const [min, max] of geohashRanges(center, area)) {
    const [from, to] = placesBetween(members, { min, max });
    for (const member of members.ordered.slice(from, to)) {
      const distance = distanceWithin(center, area, placeOf(member.score));
      if (distance !== undefined) found.push({ member, distance });
    }
  }
  return nearest(found, sort, limit);
}

function centerAt(members: Members, text: string): Place | undefined {
  const member = members.get(text);
  return member && placeOf(member.score);
}

/** The answer to `near`, of the members that lie within the area: by distance, and of one distance by the bytes of their texts. */
export function nearest(
  found: readonly { readonly member: Member; readonly distance: number }[],
  sort: 'asc' | 'desc',
  limit: number | undefined,
): Answer {
  const sign = sort === 'asc' ? 1 : -1;
  const sorted = [...found]
    .sort((a, b) => sign * (a.distance - b.distance) || compareText(a.member.text, b.member.text))
    .slice(0, limit);
  return { members: sorted.map(({ member }) => member), numbers: sorted.map(({ distance }) => distance) };
}
