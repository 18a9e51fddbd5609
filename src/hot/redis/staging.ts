import { type Member, membersOf } from '../../core/collection.js';
import type { HotDelta, HotEntry, HotFault } from '../../core/hot-store.js';
import type { CollectionForm } from '../../core/kind.js';
import { deltaArguments, isLarge, pieces, stagedArguments, wholeArguments } from './collection-entries.js';
import type { CollectionScripts } from './collection-scripts.js';
import type { RedisLink } from './link.js';
import { ttlText } from './milliseconds.js';

/** What is put aside of one collection. */
export interface Aside {
  readonly scripts: CollectionScripts;
  /** Of the entry in Redis. */
  readonly name: string;
  readonly token: string;
  readonly members: Iterable<Member>;
}

/** Entries that are to be put in place by a fill (`F`) or by a commit (`L`). */
export interface Prepared {
  readonly scripts: CollectionScripts;
  readonly names: readonly string[];
  readonly entries: readonly (HotEntry | HotDelta)[];
  readonly token: string;
  readonly by: 'F' | 'L';
}

// What nobody went on with is forgotten, the oldest first.
const REMEMBERED = 1000;

/** Puts large collections aside, to be put in place as a whole by the script that commits or fills. */
export class Staging {
  readonly #link: RedisLink;
  /** How long it is kept, in milliseconds. */
  readonly #time: string;
  /** How many members of each are aside, so that none is put in place of which Redis has evicted some. */
  readonly #counts = new Map<string, number>();

  constructor(link: RedisLink, time: string) {
    this.#link = link;
    this.#time = time;
  }

  /** True where it may go on, false where it is in vain, or why it could not. */
  async put(
    { scripts, name, token, members }: Aside,
    by: Prepared['by'],
  ): Promise<boolean | { readonly error: unknown }> {
    const { form, stage } = scripts;
    const key = `${name} ${token}`;
    for (const piece of pieces(members)) {
      const args = [token, this.#time, by, String(this.#counts.get(key) ?? 0), ...form.put(piece).slice(1)];
      const [answer] = await this.#link.run([{ script: stage, keys: [name], args }]);
      const { reply, fault } = answer!;
      if (fault) return { error: fault };
      this.#counts.delete(key);
      if (reply === -1) return false;
      this.#counts.set(key, reply as number);
      if (this.#counts.size > REMEMBERED) this.#counts.delete(this.#counts.keys().next().value!);
    }
    return true;
  }

  /** Puts the large ones of some entries aside; tells of each why it could not be. At once `undefined` where there are none. */
  putLarge({ scripts, names, entries, token, by }: Prepared): Promise<HotFault[]> | undefined {
    const isLargeOne = (entry: HotEntry | HotDelta) => !('deltas' in entry) && !entry.staged && isLarge(entry.value);
    if (!entries.some(isLargeOne)) return undefined;
    const faults = new Array<HotFault>(entries.length).fill(undefined);
    return (async () => {
      for (const [index, entry] of entries.entries()) {
        if (!isLargeOne(entry)) continue;
        const members = membersOf((entry as HotEntry).value).ordered;
        const put = await this.put({ scripts, name: names[index]!, token, members }, by);
        if (typeof put === 'object') faults[index] = put;
      }
      return faults;
    })();
  }

  /** What the script takes of an entry. */
  argumentsOf(form: CollectionForm, name: string, entry: HotEntry | HotDelta, token: string): readonly string[] {
    if ('deltas' in entry) return deltaArguments(form, entry);
    const ttl = ttlText(entry.ttl);
    return entry.staged || isLarge(entry.value)
      ? stagedArguments(ttl, this.#take(name, token))
      : wholeArguments(form, entry.value, ttl);
  }

  /** How many members are aside, `undefined` where that is not known; they are not counted any more. */
  #take(name: string, token: string): number | undefined {
    const key = `${name} ${token}`;
    const count = this.#counts.get(key);
    this.#counts.delete(key);
    return count;
  }
}
