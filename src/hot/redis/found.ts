import type { HotPeek, HotReply } from '../../core/hot-store.js';

/** What reading and peeking answer alike. */
export type Found = HotReply & HotPeek;

const ABSENT = { state: 'absent' } as const;
const BUSY = { state: 'busy' } as const;

/** What a script that reads says in a letter: `N`, `B`, or `T` and the type of what was there in place of an entry's own. */
export function foundOf(text: string, type: string): Found {
  if (text === 'N') return ABSENT;
  if (text === 'B') return BUSY;
  return { state: 'corrupt', fact: `it was a Redis ${text.slice(1)} in place of a ${type}` };
}
