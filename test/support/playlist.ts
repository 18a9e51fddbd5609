import type { Answer, CollectionQuery } from '../../src/core/collection.js';
import { membersOf } from '../../src/core/collection.js';
import type { Change, CollectionChange, Entry } from '../../src/core/kind.js';
import { Members } from '../../src/core/members.js';
import type { Schema } from '../../src/core/schema.js';
import { sortedSet } from '../../src/kinds/sorted-set.js';
import { sampleSchema } from '../../src/testing/sample-schema.js';
import { freshName } from './fenced.js';

/** A sorted set of tracks, which nobody else uses. */
export const playlistSchema = (more: Partial<Schema> = {}): Schema => ({
  ...sampleSchema({ name: freshName(), fields: { tracks: 'json' } }),
  kind: sortedSet,
  ...more,
});

/** Members by text, with their scores. */
export type Tracks = Readonly<Record<string, number>>;

const change = (one: CollectionChange): Change => one;

const membersIn = (tracks: Tracks) => Object.entries(tracks).map(([text, score]) => ({ text, score }));

/** Puts all tracks in place of those that are there. */
export const put = (tracks: Tracks): Change =>
  change({ type: 'put', row: [Members.of('sorted-set', membersIn(tracks)) as never] });

export const add = (tracks: Tracks): Change => change({ type: 'add', members: membersIn(tracks) });

export const remove = (...texts: string[]): Change => change({ type: 'remove', texts });

/** The first so many tracks. */
export const first = (limit: number): CollectionQuery => ({
  id: `first ${limit}`,
  type: 'slice',
  min: Number.NEGATIVE_INFINITY,
  max: Number.POSITIVE_INFINITY,
  offset: 0,
  limit,
  reverse: false,
  size: false,
});

/** What was read, as tracks; `null` where there is none. */
export function tracksOf(entry: Entry | null, query?: CollectionQuery): Tracks | null {
  if (entry === null) return null;
  const members = query ? (entry.value as Answer).members : [...membersOf(entry.value).ordered];
  return Object.fromEntries(members.map(({ text, score }) => [text, score]));
}
