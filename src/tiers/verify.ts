import type { HotPeek, HotStore } from '../core/hot-store.js';
import { keyOfId } from '../core/key-text.js';
import type { Entry } from '../core/kind.js';
import type { Key, Schema } from '../core/schema.js';

/** What a comparison of the hot entries of one entity with the durable ones is made of. */
export interface Comparison {
  readonly schema: Schema;
  readonly hot: HotStore;
  /** Reads the durable store. */
  readonly read: (keys: readonly Key[]) => Promise<readonly (Entry | null)[]>;
  /** Most entries to compare, chosen at random; `undefined` for all. */
  readonly sample: number | undefined;
  /** Called after each chunk. */
  readonly progress: (compared: Compared) => void;
  /** Called for entries that differ, chunk by chunk. */
  readonly differing: (keys: readonly Key[]) => Promise<void> | void;
}

/** What has been found; counts of hot entries. */
export interface Compared {
  /** That say what the durable store says. */
  readonly agreeing: number;
  /** That say something else, while nobody writes them. */
  readonly differing: number;
  /** That were being written or filled, or cold by the time they were looked at. */
  readonly skipped: number;
}

const CHUNK = 500;
// Of a collection all members are read.
const COLLECTIONS = 4;
// Who is overtaken by a write so often has met a key that is always being written.
const TRIES = 5;

/**
 * Compares what is hot with what is durable, in bounded memory, while both are in use: an entry counts as differing only
 * where it was the same before and after the durable one was read.
 *
 * @throws StoreFault of the hot tier; whatever `read` throws
 */
export async function compareTiers(comparison: Comparison): Promise<Compared> {
  const { schema, hot, sample, progress } = comparison;
  const size = schema.kind.structure ? COLLECTIONS : CHUNK;
  let compared: Compared = { agreeing: 0, differing: 0, skipped: 0 };
  const ids = sample === undefined ? hot.ids(schema) : chosen(hot.ids(schema), sample);
  for await (const page of ids) {
    const keys = [...new Set(page)].flatMap((id) => keyOfId(schema.keys, id) ?? []);
    for (let at = 0; at < keys.length; at += size) {
      const found = await compareChunk(comparison, keys.slice(at, at + size));
      compared = {
        agreeing: compared.agreeing + found.agreeing,
        differing: compared.differing + found.differing.length,
        skipped: compared.skipped + found.skipped,
      };
      if (found.differing.length > 0) await comparison.differing(found.differing);
      progress(compared);
    }
  }
  return compared;
}

async function compareChunk({ schema, hot, read }: Comparison, all: readonly Key[]) {
  let keys = all;
  let before = await peek(hot, schema, keys);
  let agreeing = 0;
  let skipped = 0;
  const differing: Key[] = [];
  for (let tries = 0; keys.length > 0; tries++) {
    const entries = await read(keys);
    const after = await peek(hot, schema, keys);
    const again: number[] = [];
    keys.forEach((key, index) => {
      const one = before[index]!;
      if (!says(one) || !says(after[index]!)) skipped++;
      else if (agrees(schema, one, entries[index]!)) agreeing++;
      else if (agrees(schema, one, entryOf(after[index]!))) differing.push(key);
      else again.push(index);
    });
    if (tries === TRIES) {
      skipped += again.length;
      break;
    }
    keys = again.map((index) => keys[index]!);
    before = again.map((index) => after[index]!);
  }
  return { agreeing, skipped, differing };
}

type Saying = Extract<HotPeek, { state: 'value' | 'absent' }>;

const says = (peeked: HotPeek): peeked is Saying => peeked.state === 'value' || peeked.state === 'absent';

const entryOf = (peeked: HotPeek): Entry | null => (peeked.state === 'value' ? { value: peeked.value } : null);

function agrees(schema: Schema, peeked: Saying, entry: Entry | null): boolean {
  if (peeked.state === 'absent') return entry === null;
  return entry !== null && schema.kind.same(peeked.value, entry.value);
}

/** @throws what the place of a key did not answer with */
async function peek(hot: HotStore, schema: Schema, keys: readonly Key[]): Promise<readonly HotPeek[]> {
  const peeked = await hot.peek(schema, keys);
  for (const one of peeked) if (one.state === 'unreachable') throw one.error;
  return peeked;
}

/** At most `most` of all ids, each as likely as any other. */
async function* chosen(pages: AsyncIterable<readonly string[]>, most: number): AsyncIterable<readonly string[]> {
  const kept: string[] = [];
  let seen = 0;
  for await (const page of pages)
    for (const id of page) {
      const at = seen < most ? seen : Math.floor(Math.random() * (seen + 1));
      if (at < most) kept[at] = id;
      seen++;
    }
  yield kept;
}
