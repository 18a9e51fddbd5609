import type { Answer, Delta, Member, MemberChange } from '../../core/collection.js';
import type { CollectionStatements } from './collection-statements.js';
import type { Head } from './heads.js';
import type { Steps } from './steps.js';

/** What a change of members has done. */
export interface Changed {
  readonly delta: Delta;
  readonly answer: Answer;
}

/** Pushes to a list that nobody else changes, or takes from it. */
export function* changeList(
  sql: CollectionStatements,
  head: Head,
  change: Extract<MemberChange, { type: 'push' | 'pop' }>,
): Steps<Changed> {
  return change.type === 'push' ? yield* push(sql, head, change) : yield* pop(sql, head, change);
}

function* push(
  sql: CollectionStatements,
  head: Head,
  { end, texts }: Extract<MemberChange, { type: 'push' }>,
): Steps<Changed> {
  const { key } = head;
  const last = end === 'last';
  let first = 0;
  let next = 0;
  if (!head.fresh) {
    const [values] = (yield sql.ends(key)).rows;
    if (values![0] !== null) [first, next] = [Number(values![0]), Number(values![1]) + 1];
  }
  // Those that would go at once are not written.
  const limit = sql.layout.schema.limit ?? Number.POSITIVE_INFINITY;
  const size = Math.min(limit, next - first + texts.length);
  const trim = next - first + texts.length - size;
  const members = texts.map((text, at): Member => ({ text, score: last ? next + at : first - 1 - at }));
  const kept = members.slice(Math.max(0, trim - (next - first)));
  for (const statement of sql.insert(key, kept)) yield statement;
  const cut = Math.min(trim, next - first);
  if (cut > 0) yield last ? sql.cut(key, first, first + cut - 1) : sql.cut(key, next - cut, next - 1);
  const delta = { type: 'ends', end, pop: 0, push: texts, trim } as const;
  return { delta, answer: { members: [], numbers: [size] } };
}

function* pop(
  sql: CollectionStatements,
  { key }: Head,
  { end }: Extract<MemberChange, { type: 'pop' }>,
): Steps<Changed> {
  const [values] = (yield sql.edge(key, end)).rows;
  const members = values ? [sql.layout.member(values)] : [];
  for (const { score } of members) yield sql.cut(key, score, score);
  const delta = { type: 'ends', end, pop: members.length, push: [], trim: 0 } as const;
  return { delta, answer: { members, numbers: [] } };
}
