import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  type Answer,
  type CollectionQuery,
  type CollectionQuestion,
  type Delta,
  type Member,
  membersOf,
  valueOfMembers,
} from '../core/collection.js';
import { geohashOf } from '../core/geo.js';
import type { CommitMode, HotFault, HotPeek, HotReply, HotStore } from '../core/hot-store.js';
import type { Query, Value } from '../core/kind.js';
import { Members } from '../core/members.js';
import type { Plain } from '../core/plain.js';
import type { Key, Schema } from '../core/schema.js';
import { type SampleKind, type SampleOptions, sampleKey, sampleRow, sampleSchema } from './sample-schema.js';

/** A hot store under test. */
export interface HotStoreSubject {
  /** Open; the cases keep to entities of their own, so that one store serves them all. */
  readonly store: HotStore;
  /** Lets more than so many milliseconds go by for the store. */
  pass(ms: number): Promise<void>;
}

/** A promise of a hot store to entities of some kinds. `run` throws an AssertionError where it is not kept. */
export interface HotCase {
  readonly name: string;
  readonly kinds: readonly SampleKind[];
  run(subject: HotStoreSubject, kind: SampleKind): Promise<void>;
}

/** Longer than any test takes. */
export const LONG = 600_000;

/** The values of a row by field name. */
export type Values = Readonly<Record<string, Plain>>;

/** The values of a row, a value that any kind can have, or of a collection the texts of its members. */
export type Given = Values | Sample | readonly string[];

/** Values that an entity of any kind can have. A flag has two only: of it the other one is the old one. */
export const OLD = 'old';
export const NEW = 'new';
export const OTHER = 'other';
export type Sample = typeof OLD | typeof NEW | typeof OTHER;

/** The steps of the protocol for one entity, each checked for faults. */
export class Steps {
  readonly schema: Schema;
  readonly #subject: HotStoreSubject;

  constructor(subject: HotStoreSubject, schema: Schema) {
    this.#subject = subject;
    this.schema = schema;
  }

  get store(): HotStore {
    return this.#subject.store;
  }

  pass(ms: number): Promise<void> {
    return this.#subject.pass(ms);
  }

  /** The same entity as a process sees it that has another version of the class. */
  of(fingerprint: string): Steps {
    return new Steps(this.#subject, { ...this.schema, fingerprint });
  }

  row(values: Given): Value {
    const { name, structure } = this.schema.kind;
    if (structure) return valueOfMembers(Members.of(structure, this.members(textsOf(values as Sample))));
    if (typeof values !== 'string') return sampleRow(this.schema, values as Values);
    return name === 'flag' ? [values !== NEW] : sampleRow(this.schema, { name: values });
  }

  /** The members of these texts; of a set each text has a score of its own. */
  members(texts: readonly string[]): Member[] {
    const { structure } = this.schema.kind;
    return texts.map((text, at) => {
      const code = text.length + 3 * text.charCodeAt(0);
      if (structure === 'list') return { text, score: at };
      if (structure === 'set') return { text, score: 0 };
      return { text, score: structure === 'geo-set' ? geohashOf({ longitude: code / 7, latitude: code / 9 }) : code };
    });
  }

  /** What adding this member did; of a list at its end. */
  added(...texts: string[]): Delta {
    if (this.schema.kind.structure === 'list') return { type: 'ends', end: 'last', pop: 0, push: texts, trim: 0 };
    return { type: 'members', put: this.members(texts), remove: [] };
  }

  /** What removing these members did; of a list, so many at its end. */
  removed(...texts: string[]): Delta {
    if (this.schema.kind.structure === 'list')
      return { type: 'ends', end: 'last', pop: texts.length, push: [], trim: 0 };
    return { type: 'members', put: [], remove: texts };
  }

  async read(key: Key, token = 'reader', query?: Query): Promise<HotReply> {
    const replies = await this.store.read(this.schema, [key], query === undefined ? undefined : [query], token);
    assert.equal(replies.length, 1);
    return replies[0]!;
  }

  async peek(key: Key): Promise<HotPeek> {
    const peeks = await this.store.peek(this.schema, [key]);
    assert.equal(peeks.length, 1);
    return peeks[0]!;
  }

  async begin(key: Key, token: string, lockTime = LONG, servedFor?: number): Promise<void> {
    done(await this.store.begin(this.schema, [key], token, lockTime, servedFor));
  }

  /** Begins a write that is about some members. */
  async beginOn(key: Key, token: string, members: readonly string[], lockTime = LONG, served?: number): Promise<void> {
    done(await this.store.begin(this.schema, [key], token, lockTime, served, [members]));
  }

  async commitDelta(key: Key, token: string, ...deltas: Delta[]): Promise<void> {
    done(await this.store.commit(this.schema, [{ key, deltas }], token, 'set'));
  }

  async renew(key: Key, token: string, lockTime = LONG): Promise<void> {
    done(await this.store.renew(this.schema, [key], token, lockTime));
  }

  /** Renews the locks of several writers in one call. */
  async renewAll(key: Key, tokens: readonly string[], lockTime = LONG): Promise<void> {
    const faults = await this.store.renew(
      this.schema,
      tokens.map(() => key),
      tokens,
      lockTime,
    );
    assert.deepEqual(
      faults,
      tokens.map(() => undefined),
    );
  }

  async commit(
    key: Key,
    token: string,
    values: Given | null,
    mode: CommitMode = 'set',
    ttl: number | undefined = LONG,
  ): Promise<void> {
    const value = values && this.row(values);
    done(await this.store.commit(this.schema, [{ key, value, ttl }], token, mode));
  }

  async abandon(key: Key, token: string): Promise<void> {
    done(await this.store.abandon(this.schema, [key], token));
  }

  async fill(key: Key, token: string, values: Given | null, ttl: number | undefined = LONG): Promise<void> {
    const value = values && this.row(values);
    done(await this.store.fill(this.schema, [{ key, value, ttl }], token));
  }

  async drop(key: Key): Promise<void> {
    done(await this.store.drop(this.schema, [key]));
  }

  /** Makes the entry hot, as a write does. */
  async put(key: Key, values: Given | null, ttl: number | undefined = LONG): Promise<void> {
    await this.begin(key, 'putter');
    await this.commit(key, 'putter', values, 'set', ttl);
  }

  async isValue(key: Key, values: Given, query?: Query): Promise<void> {
    const reply = await this.read(key, 'reader', query);
    assert.deepEqual(this.shown(reply), this.shown({ state: 'value', value: this.row(values) }));
  }

  /** Insists that a query is answered as the kind itself answers it of the members of these texts. */
  async answers(key: Key, question: CollectionQuestion, value: Value): Promise<void> {
    const query = asQuery(question);
    const answer = this.schema.kind.select(this.schema, value, query);
    const reply = await this.read(key, 'reader', query);
    assert.deepEqual(this.shown(reply), this.shown({ state: 'value', value: answer }), query.id);
  }

  /** A reply whose members can be compared: of a list in their order, wherever its store begins to count. */
  shown(reply: HotReply | HotPeek): unknown {
    const { structure } = this.schema.kind;
    if (reply.state !== 'value' || !structure) return reply;
    const of = (members: Iterable<Member>) => {
      const list = [...members];
      return structure === 'list' ? list.map(({ text }) => text) : list;
    };
    if (Array.isArray(reply.value)) return { state: 'value', value: [of(membersOf(reply.value).ordered)] };
    const answer = reply.value as Answer;
    return { state: 'value', value: { ...answer, members: of(answer.members) } };
  }

  async isAbsent(key: Key): Promise<void> {
    assert.deepEqual(await this.read(key), { state: 'absent' });
  }

  async looks(key: Key, state: 'absent' | 'cold' | 'busy'): Promise<void> {
    assert.deepEqual(await this.peek(key), { state });
  }

  async isBusy(key: Key, token?: string): Promise<void> {
    assert.deepEqual(await this.read(key, token), { state: 'busy' });
  }

  /** Takes the right to fill, under `token`. */
  async isCold(key: Key, token = 'reader'): Promise<void> {
    assert.deepEqual(await this.read(key, token), { state: 'fill', token });
  }
}

function done(faults: readonly HotFault[]): void {
  assert.deepEqual(faults, [undefined]);
}

/** A query that is named by what it asks. */
export const asQuery = (question: CollectionQuestion): CollectionQuery => ({
  id: JSON.stringify(question, (_, value) => (typeof value === 'number' ? String(value) : value)),
  ...question,
});

const textsOf = (given: Sample | readonly string[]): readonly string[] =>
  typeof given === 'string' ? [given, 'kept'] : given;

type Run = (steps: Steps, key: Key) => Promise<void>;

function caseOf(kinds: readonly SampleKind[], name: string, run: Run, options?: SampleOptions): HotCase {
  return {
    name,
    kinds,
    async run(subject, kind) {
      const schema = sampleSchema({ ...options, kind, name: `case_${randomBytes(6).toString('hex')}` });
      await subject.store.open([schema]);
      await run(new Steps(subject, schema), sampleKey('a'));
    },
  };
}

/** Kinds that are each a set, of whose members some may be written by themselves. */
export const SETS = ['sorted-set', 'geo-set', 'set'] as const;
export const COLLECTIONS = [...SETS, 'list'] as const;

/** A case about one entity that nobody else uses, of every kind. */
export const hotCase = (name: string, run: Run): HotCase => caseOf(['hash', 'flag', ...COLLECTIONS], name, run);

/** Likewise, of one kind for each way in which an entry lies in a store, for what takes its time. */
export const slowCase = (name: string, run: Run): HotCase => caseOf(['hash', 'flag', 'sorted-set'], name, run);

/** Likewise, of a hash. */
export const hashCase = (name: string, run: Run, options?: SampleOptions): HotCase =>
  caseOf(['hash'], name, run, options);

/** Likewise, of a flag. */
export const flagCase = (name: string, run: Run): HotCase => caseOf(['flag'], name, run);

/** Likewise, of collections of some kinds; of all if left out. */
export const collectionCase = (name: string, run: Run, kinds: readonly SampleKind[] = COLLECTIONS): HotCase =>
  caseOf(kinds, name, run);
