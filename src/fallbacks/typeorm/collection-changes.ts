import {
  type Answer,
  type Delta,
  type Member,
  type MemberChange,
  membersOf,
  valueOfMembers,
} from '../../core/collection.js';
import { compareText } from '../../core/key-order.js';
import type { CollectionChange, Done, Outcome } from '../../core/kind.js';
import { Members } from '../../core/members.js';
import type { CollectionStatements } from './collection-statements.js';
import { type Head, insertOr, makeHead } from './heads.js';
import { type Changed, changeList } from './list-changes.js';
import { chunks } from './parameters.js';
import type { Steps } from './steps.js';

const MAX_TEXTS = 1_000;
const NOTHING = { type: 'members', put: [], remove: [] } as const satisfies Delta;

const numbers = (...some: readonly number[]): Answer => ({ members: [], numbers: some });

/** In the order in which all write members, so that few wait for each other in a circle. */
export const inOrder = (members: readonly Member[]): Member[] =>
  [...members].sort((a, b) => compareText(a.text, b.text));

/** Makes one change of a collection that is locked for it. `head` learns what comes of it. */
export function* changeCollection(sql: CollectionStatements, head: Head, change: CollectionChange): Steps<Outcome> {
  switch (change.type) {
    case 'add':
    case 'remove':
    case 'increment':
    case 'push':
    case 'pop':
      return yield* changeMembers(sql, head, change);
    default:
      return yield* changeWhole(sql, head, change);
  }
}

function* changeWhole(
  sql: CollectionStatements,
  head: Head,
  change: Exclude<CollectionChange, MemberChange>,
): Steps<Outcome> {
  const { schema } = sql.layout;
  const { key, live, expiresAt } = head;
  // Whoever puts another in its place does not ask what is in it.
  const asks = change.type === 'modify' || (change.type === 'patch' && !change.set.has(0));
  const before = live && asks ? yield* allMembers(sql, head) : undefined;
  const value = before ? valueOfMembers(before) : [];
  const outcome = schema.kind.apply(schema, live ? { value, expiresAt } : null, change);
  if (outcome.status !== 'done') return outcome;
  const { entry } = outcome;
  if (entry === null) {
    if (head.held) {
      yield sql.clear(key);
      yield sql.heads.removeMany([key]);
    }
    Object.assign(head, { live: false, held: false, fresh: false, expiresAt: undefined });
    return outcome;
  }
  // Also where it stays the same: by the row's version others see that the members are new.
  if (live) yield sql.setExpiry(key, entry.expiresAt);
  else yield* makeHead(sql, head, entry.expiresAt);
  yield* replace(sql, head, before, membersOf(entry.value));
  Object.assign(head, { fresh: false, expiresAt: entry.expiresAt });
  return outcome;
}

/** Writes all members, or where it is known what was there, those that are not the same. */
function* replace(sql: CollectionStatements, head: Head, before: Members | undefined, members: Members): Steps<void> {
  if (before === members) return;
  if (before === undefined || members.structure === 'list') {
    if (!head.fresh) yield sql.clear(head.key);
    const rows = [...members.ordered];
    yield* drain(sql.insert(head.key, members.structure === 'list' ? rows : inOrder(rows)));
    return;
  }
  const gone = [...before.ordered].filter(({ text }) => !members.get(text)).map(({ text }) => text);
  yield* removeAll(sql, head, gone.sort(compareText));
  const other = [...members.ordered].filter(({ text, score }) => !Object.is(before.get(text)?.score, score));
  yield* drain(sql.upsert(head.key, inOrder(other)));
}

function* allMembers(sql: CollectionStatements, { key }: Head): Steps<Members> {
  const { layout } = sql;
  const { rows } = yield sql.all(key);
  return Members.of(
    layout.structure,
    rows.map((values) => layout.member(values)),
  );
}

function* changeMembers(sql: CollectionStatements, head: Head, change: MemberChange): Steps<Outcome> {
  const existed = head.live;
  if (!existed && (change.type === 'remove' || change.type === 'pop')) {
    const answer = change.type === 'remove' ? numbers(0) : numbers();
    return { status: 'done', entry: null, existed, delta: NOTHING, answer };
  }
  if (!existed) yield* makeHead(sql, head, (change as { readonly expiresAt?: number | undefined }).expiresAt);
  const made = yield* changed(sql, head, change);
  if ('fact' in made) return { status: 'invalid', fact: made.fact };
  head.fresh = false;
  return { status: 'done', entry: { value: undefined, expiresAt: head.expiresAt }, existed, ...made };
}

function* changed(
  sql: CollectionStatements,
  head: Head,
  change: MemberChange,
): Steps<Changed | { readonly fact: string }> {
  switch (change.type) {
    case 'add': {
      const fresh = yield* put(sql, head, change.members);
      const delta = yield* trim(sql, head, change.members, fresh);
      return { delta, answer: numbers(fresh.size) };
    }
    case 'remove': {
      const gone = yield* remove(sql, head, change.texts);
      return { delta: { ...NOTHING, remove: gone }, answer: numbers(gone.length) };
    }
    case 'increment': {
      const { text } = change;
      const there = head.fresh ? undefined : (yield* find(sql, head, [text])).get(text);
      const score = sum(sql, there, change);
      if (typeof score !== 'number') return score;
      const member = { text, score };
      if (there) yield* drain(sql.upsert(head.key, [member]));
      else yield* insertOr(() => sql.insert(head.key, [member])[0]!, 1);
      const delta = yield* trim(sql, head, [member], new Set(there ? [] : [text]));
      return { delta, answer: numbers(score) };
    }
    case 'push':
    case 'pop':
      return yield* changeList(sql, head, change);
  }
}

/** The sum of a score and what is added to it, or what is wrong with it. */
function sum(
  { layout }: CollectionStatements,
  there: Member | undefined,
  change: Extract<MemberChange, { type: 'increment' }>,
): number | { readonly fact: string } {
  const value = valueOfMembers(Members.of(layout.structure, there ? [there] : []));
  const outcome = layout.schema.kind.apply(layout.schema, { value }, change);
  if (outcome.status === 'invalid') return { fact: outcome.fact };
  return (outcome as Done).answer!.numbers[0]!;
}

function* drain(statements: readonly ReturnType<CollectionStatements['clear']>[]): Steps<void> {
  for (const statement of statements) yield statement;
}

/** Puts members, and tells which of them are new. */
function* put(sql: CollectionStatements, head: Head, members: readonly Member[]): Steps<Set<string>> {
  const sorted = inOrder(members);
  if (sql.postgres) {
    const fresh = new Set<string>();
    for (const statement of sql.upsert(head.key, sorted))
      for (const [text, isNew] of (yield statement).rows) if (Number(isNew) === 1) fresh.add(text as string);
    return fresh;
  }
  const there = head.fresh
    ? new Map<string, Member>()
    : yield* find(
        sql,
        head,
        sorted.map(({ text }) => text),
      );
  const absent = sorted.filter(({ text }) => !there.has(text));
  for (const statement of sql.insert(head.key, absent)) yield* insertOr(() => statement, 0);
  const other = sorted.filter(
    (member) => there.has(member.text) && !Object.is(there.get(member.text)!.score, member.score),
  );
  yield* drain(sql.upsert(head.key, other));
  return new Set(absent.map(({ text }) => text));
}

/** Those of the texts that are members, locked. */
function* find(sql: CollectionStatements, { key }: Head, texts: readonly string[]): Steps<Map<string, Member>> {
  const found = new Map<string, Member>();
  if (texts.length === 0) return found;
  for (const part of chunks(texts, MAX_TEXTS))
    for (const values of (yield sql.find(key, part)).rows) {
      const member = sql.layout.member(values);
      found.set(member.text, member);
    }
  return found;
}

/** Removes those of the texts that are members, and tells which were, in the order given. */
function* remove(sql: CollectionStatements, head: Head, texts: readonly string[]): Steps<string[]> {
  const unique = [...new Set(texts)];
  if (unique.length === 1) return (yield sql.remove(head.key, unique)).affected > 0 ? unique : [];
  const found = yield* find(sql, head, [...unique].sort(compareText));
  yield* removeAll(sql, head, [...found.keys()]);
  return unique.filter((text) => found.has(text));
}

function* removeAll(sql: CollectionStatements, { key }: Head, texts: readonly string[]): Steps<void> {
  if (texts.length === 0) return;
  for (const part of chunks(texts, MAX_TEXTS)) yield sql.remove(key, part);
}

/** Removes the lowest members beyond the limit, and tells what has come of those that were put. */
function* trim(
  sql: CollectionStatements,
  head: Head,
  members: readonly Member[],
  fresh: ReadonlySet<string>,
): Steps<Delta> {
  const { limit } = sql.layout.schema;
  if (limit === undefined) return { ...NOTHING, put: members };
  const { rows } = yield sql.beyond(head.key, limit);
  const lowest: string[] = [];
  for (const values of rows) lowest.push(sql.layout.member(values).text);
  lowest.reverse();
  yield* removeAll(sql, head, lowest);
  const gone = new Set(lowest);
  return {
    type: 'members',
    put: members.filter(({ text }) => !gone.has(text)),
    remove: lowest.filter((text) => !fresh.has(text)),
  };
}
