import { type CollectionQuery, valueOfMembers } from '../../core/collection.js';
import { getOrMake } from '../../core/get-or-make.js';
import type { CollectionForm, Query, RedisReply, Value } from '../../core/kind.js';
import { CorruptPlain } from '../../core/plain.js';
import { ALONE, chunks } from './chunks.js';
import { PLAIN } from './collection-look.js';
import { type Found, foundOf } from './found.js';
import type { RedisLink } from './link.js';
import { runOneByOne } from './one-by-one.js';
import type { Script } from './script.js';

/** What is asked of some collections of one kind. */
export interface CollectionsAsked<Cold> {
  readonly form: CollectionForm;
  readonly script: Script;
  /** What the script takes first: a token, and the time to fill. */
  readonly args: readonly string[];
  readonly names: readonly string[];
  /** One for each; whole ones where left out. */
  readonly queries: readonly Query[] | undefined;
  /** What is answered for what is cold. */
  readonly cold: Cold;
}

// Whose replies have to be looked at.
const NOT_PLAIN: ReadonlySet<string> = new Set(['GEOSEARCH', 'ZSCAN', 'SSCAN']);

/** How many values an answer has that cannot be told from its question. */
const UNKNOWN = 500;

/**
 * Asks of each collection what its query says, all of them in one script but for what takes long. Those that could not be read are
 * told to `unreadable`, by their indexes.
 */
export async function readCollections<Cold>(
  link: RedisLink,
  { form, script, args, names, queries, cold }: CollectionsAsked<Cold>,
  unreadable: (index: number) => void,
): Promise<(Found | Cold)[]> {
  const asked = (index: number) => queries?.[index] as CollectionQuery | undefined;
  const values = (index: number) => valuesOf(form, asked(index));
  const ranges = chunks(names.length, link.cluster, values);
  const calls = ranges.map(([from, to]) => ({
    script,
    keys: ranges.length === 1 ? names : names.slice(from, to),
    args: [...args, ...commandsOf(form, queries?.slice(from, to))],
  }));
  const answers = await runOneByOne(link, calls, (index) => values(ranges[index]![0]) >= ALONE);
  const found: (Found | Cold)[] = [];
  ranges.forEach(([from, to], at) => {
    const { reply, fault } = answers[at]!;
    const replies = fault ? [] : (JSON.parse(reply as string) as readonly (string | object)[]);
    for (let index = from; index < to; index++) {
      const one = replies[index - from];
      if (one === undefined) found.push({ state: 'unreachable', error: fault });
      else if (typeof one === 'string') found.push(one === 'F' ? cold : foundOf(one, form.type));
      else
        try {
          found.push({ state: 'value', value: answerOf(form, asked(index), one) });
        } catch (error) {
          if (!(error instanceof CorruptPlain)) throw error;
          found.push({ state: 'corrupt', fact: error.message });
          unreadable(index);
        }
    }
  });
  return found;
}

/** What a script that reads takes: lists of commands, and for each key which of them, where there are several. */
function commandsOf(form: CollectionForm, queries: readonly Query[] | undefined): string[] {
  const lists = new Map<string | undefined, number>();
  const args: string[] = [];
  let plain = queries !== undefined;
  const numbers = (queries ?? [undefined]).map((query) =>
    getOrMake(lists, (query as CollectionQuery | undefined)?.id, () => {
      const commands = form.ask(query as CollectionQuery | undefined);
      args.push(String(query === undefined ? -commands.length : commands.length));
      for (const [name, ...rest] of commands) args.push(String(rest.length), name, ...rest);
      plain &&= commands.length === 1 && !NOT_PLAIN.has(commands[0]![0]);
      return lists.size + 1;
    }),
  );
  const inOrder = lists.size === 1 || lists.size === numbers.length;
  return [`${plain && inOrder ? PLAIN : ''}${lists.size}`, ...args, ...(inOrder ? [] : numbers.map(String))];
}

function answerOf(form: CollectionForm, query: CollectionQuery | undefined, replies: object): Value {
  // Lua has an empty list as an object.
  const list: readonly RedisReply[] = Array.isArray(replies) ? replies : [];
  return query === undefined ? valueOfMembers(form.parse(list)) : form.answer(query, list);
}

function valuesOf(form: CollectionForm, query: CollectionQuery | undefined): number {
  if (query && form.looksFar?.(query)) return ALONE;
  switch (query?.type) {
    case undefined:
      return UNKNOWN;
    case 'scores':
      return query.texts.length;
    case 'slice':
      return 2 * (query.limit ?? UNKNOWN);
    case 'near':
      // Redis looks at more than it answers.
      return 100 + 4 * (query.limit ?? UNKNOWN);
    case 'scan':
      return 2 * query.limit;
    case 'between': {
      const { start, stop } = query;
      return start < 0 === stop < 0 ? Math.max(1, stop - start + 1) : UNKNOWN;
    }
    default:
      return 1;
  }
}
