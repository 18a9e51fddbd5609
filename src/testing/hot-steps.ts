import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { CommitMode, HotFault, HotPeek, HotReply, HotStore } from '../core/hot-store.js';
import type { Query } from '../core/kind.js';
import type { Plain } from '../core/plain.js';
import type { Key, Row, Schema } from '../core/schema.js';
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

  row(values: Values | Sample): Row {
    if (typeof values !== 'string') return sampleRow(this.schema, values);
    return this.schema.kind.name === 'flag' ? [values !== NEW] : sampleRow(this.schema, { name: values });
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

  async renew(key: Key, token: string, lockTime = LONG): Promise<void> {
    done(await this.store.renew(this.schema, [key], token, lockTime));
  }

  async commit(
    key: Key,
    token: string,
    values: Values | Sample | null,
    mode: CommitMode = 'set',
    ttl: number | undefined = LONG,
  ): Promise<void> {
    const value = values && this.row(values);
    done(await this.store.commit(this.schema, [{ key, value, ttl }], token, mode));
  }

  async abandon(key: Key, token: string): Promise<void> {
    done(await this.store.abandon(this.schema, [key], token));
  }

  async fill(key: Key, token: string, values: Values | Sample | null, ttl: number | undefined = LONG): Promise<void> {
    const value = values && this.row(values);
    done(await this.store.fill(this.schema, [{ key, value, ttl }], token));
  }

  async drop(key: Key): Promise<void> {
    done(await this.store.drop(this.schema, [key]));
  }

  /** Makes the entry hot, as a write does. */
  async put(key: Key, values: Values | Sample | null, ttl: number | undefined = LONG): Promise<void> {
    await this.begin(key, 'putter');
    await this.commit(key, 'putter', values, 'set', ttl);
  }

  async isValue(key: Key, values: Values | Sample, query?: Query): Promise<void> {
    assert.deepEqual(await this.read(key, 'reader', query), { state: 'value', value: this.row(values) });
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

/** A case about one entity that nobody else uses, of every kind. */
export const hotCase = (name: string, run: Run): HotCase => caseOf(['hash', 'flag'], name, run);

/** Likewise, of a hash. */
export const hashCase = (name: string, run: Run, options?: SampleOptions): HotCase =>
  caseOf(['hash'], name, run, options);

/** Likewise, of a flag. */
export const flagCase = (name: string, run: Run): HotCase => caseOf(['flag'], name, run);
