import type { Query } from '../../core/kind.js';
import { CorruptPlain } from '../../core/plain.js';
import { chunks } from './chunks.js';
import { type Found, foundOf } from './found.js';
import type { RedisLink } from './link.js';
import { textsOf } from './lua.js';
import type { HotScripts, ReadCall } from './steps.js';

/** What is asked of some entries of one entity, the same of all. */
export interface RowsAsked<Cold> {
  readonly scripts: HotScripts;
  readonly call: ReadCall;
  readonly names: readonly string[];
  readonly query: Query;
  /** What is answered for what is cold. */
  readonly cold: Cold;
}

/** Asks all in one script. Those that could not be read are told to `unreadable`, by their indexes and texts. */
export async function readRows<Cold>(
  link: RedisLink,
  { scripts, call, names, query, cold }: RowsAsked<Cold>,
  unreadable: (index: number, texts: readonly (string | null)[]) => void,
): Promise<(Found | Cold)[]> {
  const size = scripts.size(query);
  const ranges = chunks(names.length, link.cluster, () => size);
  const answers = await link.run(ranges.map((range) => ({ ...call, keys: names.slice(...range) })));
  const replies: (Found | Cold)[] = [];
  ranges.forEach(([from, to], at) => {
    const { reply, fault } = answers[at]!;
    if (fault) {
      for (let index = from; index < to; index++) replies.push({ state: 'unreachable', error: fault });
      return;
    }
    const found = JSON.parse(reply as string) as readonly (string | object)[];
    for (let index = from; index < to; index++) {
      const one = found[index - from]!;
      if (typeof one === 'string') {
        replies.push(one === 'F' ? cold : foundOf(one, scripts.type));
        continue;
      }
      const texts = textsOf(one);
      try {
        replies.push({ state: 'value', value: scripts.parse(query, texts) });
      } catch (error) {
        if (!(error instanceof CorruptPlain)) throw error;
        replies.push({ state: 'corrupt', fact: error.message });
        unreadable(index, texts);
      }
    }
  });
  return replies;
}
