import { MEMBERS_AT_ONCE, type Member, membersOf } from '../../core/collection.js';
import type { HotDelta } from '../../core/hot-store.js';
import type { CollectionForm } from '../../core/kind.js';

import { DELTA, STAGED } from './collection-shape.js';

/** What a commit or a fill takes of a delta, beside what an entry takes: its commands. */
export function deltaArguments(form: CollectionForm, { deltas }: HotDelta): string[] {
  const args: string[] = [];
  for (const delta of deltas)
    for (const [name, ...rest] of form.change(delta)) args.push(name, String(rest.length), ...rest);
  return [DELTA, String(args.length), ...args];
}

/** What it takes of a collection whose members have been put aside; `undefined` where it is not known how many: it becomes cold. */
export function stagedArguments(ttl: string, count: number | undefined): string[] {
  return count === 0 ? [ttl, '0'] : [`${STAGED}${ttl}`, '1', String(count ?? -1)];
}

/** What it takes of a whole collection. */
export function wholeArguments(form: CollectionForm, value: unknown, ttl: string): string[] {
  if (value === null) return [ttl, '-1'];
  const [, ...args] = form.put([...membersOf(value).ordered]);
  return [ttl, String(args.length), ...args];
}

// One script takes no longer than a few milliseconds.
const MOST_CHARACTERS = 1_000_000;

/** Whether a collection is put in place in several scripts. */
export function isLarge(value: unknown): boolean {
  if (value === null) return false;
  const { ordered, size } = membersOf(value);
  return size > MEMBERS_AT_ONCE || pieces(ordered).next().value!.length < size;
}

/** Members, as many at once as a script takes. */
export function* pieces(members: Iterable<Member>): Generator<Member[], undefined> {
  let piece: Member[] = [];
  let characters = 0;
  for (const member of members) {
    if (piece.length > 0 && (piece.length === MEMBERS_AT_ONCE || characters + member.text.length > MOST_CHARACTERS)) {
      yield piece;
      piece = [];
      characters = 0;
    }
    piece.push(member);
    characters += member.text.length;
  }
  yield piece;
}
