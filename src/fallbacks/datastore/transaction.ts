import type { Clock } from '../../core/clock.js';
import { ValidationError } from '../../core/errors.js';
import { type KeyedChange, StoreFault, type WriteResult } from '../../core/fallback-driver.js';
import type { CollectionChange, Done, Entry, Outcome, RowChange } from '../../core/kind.js';
import { CollectionDraft, type Draft } from './collection-draft.js';
import { CollectionReads } from './collection-reads.js';
import { Contention } from './faults.js';
import type { Generations } from './generations.js';
import { isOver, type Layout } from './layout.js';
import { type DatastoreLink, MOST_REQUEST_BYTES, parts, type Transaction } from './link.js';
import { type MemberLayout, noteOf } from './member-layout.js';
import type { Target } from './place.js';
import { isBlind } from './row-write.js';
import type { Fresh, Staging } from './staging.js';
import { type Found, type Mutation, type PathElement, pathText } from './wire.js';

export interface AttemptOptions {
  readonly link: DatastoreLink;
  readonly generations: Generations;
  readonly clock: Clock;
  readonly staging: Staging;
}

/** What has come of an attempt. */
export type Attempted =
  | { readonly type: 'made'; readonly result: WriteResult }
  /** Others were faster. */
  | { readonly type: 'contended'; readonly transaction: Transaction; readonly contention: Contention }
  /** These are more than a commit takes. */
  | { readonly type: 'too-much'; readonly fresh: readonly Fresh[] };

/** One key in a transaction: what its changes make of it, and what has to be written for it. */
interface Doing {
  apply(change: KeyedChange['change']): Outcome;
  /** @throws ValidationError */
  draft(): Draft;
  readonly id: string;
  readonly members: MemberLayout | undefined;
}

/** Reads what the changes need, makes them, and commits what has come of them, all in one transaction. */
export async function attempt(
  options: AttemptOptions,
  changes: readonly KeyedChange[],
  targets: readonly Target[],
  previous: Transaction | undefined,
): Promise<Attempted> {
  const { link, clock } = options;
  const read = targets.filter(isRead);
  const keys = read.map(({ place, path }) => place.layout.wireKey(path));
  const { transaction, found } = await link.beginWith(keys, { readOnly: false, previous });
  // Only what was committed, or may have been, is not rolled back: locks of any other would stand in the way of the next try.
  let over = false;
  try {
    const now = clock.now();
    const doings = await Promise.all(targets.map((target) => doingOf(link, transaction, target, found, now)));
    const outcomes = new Array<Done>(changes.length);
    const places = new Map(targets.flatMap(({ changes: own }, at) => own.map(({ index }) => [index, doings[at]!])));
    for (const [index, { change }] of changes.entries()) {
      const outcome = places.get(index)!.apply(change);
      if (outcome.status !== 'done') return { type: 'made', result: { done: false, index, outcome } };
      outcomes[index] = outcome;
    }
    const commit = await commitOf(options, transaction, doings);
    if ('fresh' in commit) return { type: 'too-much', fresh: commit.fresh };
    await link.commit(commit.mutations, transaction);
    over = true;
    commit.done();
    return { type: 'made', result: { done: true, outcomes } };
  } catch (error) {
    if (error instanceof StoreFault && error.outcome === 'unknown') {
      over = true;
      options.staging.used();
    }
    if (error instanceof Contention) return { type: 'contended', transaction, contention: error };
    throw error;
  } finally {
    if (!over) link.rollback(transaction);
  }
}

/** Whether it has to be known what is there: not where a row is put in any case. */
const isRead = ({ place: { members }, changes }: Target): boolean =>
  members !== undefined || !isBlind(changes[0]!.given.change as RowChange);

async function doingOf(
  link: DatastoreLink,
  transaction: Transaction,
  target: Target,
  found: ReadonlyMap<string, Found>,
  now: number,
): Promise<Doing> {
  const { place, path, changes } = target;
  const { key } = changes[0]!.given;
  const id = pathText(path);
  const there = found.get(id);
  const { members } = place;
  if (!members) {
    const entry = there ? place.layout.entry(key, there.entity.properties) : null;
    return rowDoing(place.layout, path, there !== undefined || !isRead(target), entry, now);
  }
  const head = members.headOf(key.id, there);
  const reads = members.isLive(head, now) ? new CollectionReads(link, members, transaction, key.id, head) : undefined;
  const given = changes.map(({ given: { change } }) => change as CollectionChange);
  const draft = await CollectionDraft.of(members, path, head, reads, given);
  return { id, members, apply: (change) => draft.apply(change as CollectionChange), draft: () => draft.draft() };
}

function rowDoing(
  layout: Layout,
  path: readonly PathElement[],
  held: boolean,
  there: Entry | null,
  now: number,
): Doing {
  let entry = there && !isOver(there.expiresAt, now) ? there : null;
  let changed = false;
  const { schema } = layout;
  return {
    id: pathText(path),
    members: undefined,
    apply(change) {
      const outcome = schema.kind.apply(schema, entry, change);
      if (outcome.status === 'done') {
        changed ||= entry !== outcome.entry;
        entry = outcome.entry;
      }
      return outcome;
    },
    draft() {
      const made: Mutation[] = [];
      if (changed && entry) made.push({ upsert: layout.entity(path, entry) });
      else if (changed && held) made.push({ delete: layout.wireKey(path) });
      return { head: made, members: [], fresh: undefined, old: undefined };
    },
  };
}

/** What is committed, and what is done then; or what has to be written ahead. */
async function commitOf(
  { link, generations, clock, staging }: AttemptOptions,
  transaction: Transaction,
  doings: readonly Doing[],
): Promise<{ readonly mutations: readonly Mutation[]; done(): void } | { readonly fresh: readonly Fresh[] }> {
  const drafts = doings.map((doing) => ({ ...doing, draft: doing.draft() }));
  const all: Mutation[] = [];
  const small: Mutation[] = [];
  const fresh: Fresh[] = [];
  const old: { readonly members: MemberLayout; readonly generation: string }[] = [];
  for (const { id, members, draft } of drafts) {
    all.push(...draft.head, ...draft.members);
    small.push(...draft.head, ...(draft.fresh ? [] : draft.members));
    if (draft.fresh) fresh.push({ id, layout: members!, generation: draft.fresh });
    if (draft.old !== undefined) old.push({ members: members!, generation: draft.old });
  }
  const notes = old.map(({ members, generation }) => ({ upsert: members.note(generation, 'old', clock.now()) }));
  const done = () => {
    staging.used();
    for (const { members, generation } of old) generations.sweep(members, [generation]);
    for (const { members } of old) generations.lookAround(members);
  };
  if (fitsOne([...all, ...notes])) return { mutations: [...all, ...notes], done };
  const needed = [...small, ...notes];
  if (fresh.length === 0 || !fitsOne(needed)) throw tooMuch(needed);
  const staged = fresh.map((one) => ({ ...one, staged: staging.of(one.id, one.generation) }));
  const missing = staged.filter(({ staged: there }) => there === undefined);
  if (missing.length > 0) return { fresh: missing };
  return { mutations: [...(await taken(link, transaction, staging, drafts, staged)), ...notes], done };
}

interface Staged extends Fresh {
  readonly staged: Fresh['generation'] | undefined;
}

/** The mutations that make staged generations collections', where nobody has taken them for abandoned. @throws Contention */
async function taken(
  link: DatastoreLink,
  transaction: Transaction,
  staging: Staging,
  drafts: readonly { readonly id: string; readonly members: MemberLayout | undefined; readonly draft: Draft }[],
  staged: readonly Staged[],
): Promise<Mutation[]> {
  const keys = staged.map(({ layout, staged: there }) => layout.noteKey(there!.generation));
  const notes = await link.lookup(keys, transaction);
  const byId = new Map(staged.map((one) => [one.id, one]));
  const lost = staged.filter((_, at) => {
    const note = notes.get(pathText(keys[at]!.path));
    return !note || noteOf(note.entity.properties).state !== 'new';
  });
  for (const { id } of lost) staging.lose(id);
  if (lost.length > 0) throw new Contention('its new members were taken for abandoned');
  const mutations: Mutation[] = keys.map((key) => ({ delete: key }));
  for (const { id, draft } of drafts) {
    const of = byId.get(id);
    if (!of) mutations.push(...draft.head, ...draft.members);
    else for (const head of draft.head) mutations.push(withGeneration(head, of.staged!.generation));
  }
  return mutations;
}

function withGeneration(head: Mutation, generation: string): Mutation {
  if (!('upsert' in head)) return head;
  const { key, properties } = head.upsert;
  return {
    upsert: { key, properties: { ...properties, members: { ...properties.members!, stringValue: generation } } },
  };
}

const fitsOne = (mutations: readonly Mutation[]): boolean => parts(mutations).length <= 1;

const tooMuch = (mutations: readonly Mutation[]): ValidationError =>
  new ValidationError(
    `A write of ${mutations.length} entities is more than Datastore makes all or none, which is 500 of them and ${Math.floor(MOST_REQUEST_BYTES / 2 ** 20) + 1} MiB; nothing was written. Write less at once.`,
  );
