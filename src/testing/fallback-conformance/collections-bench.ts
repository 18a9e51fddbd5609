import { strict as assert } from 'node:assert';
import { inspect } from 'node:util';
import {
  type Answer,
  type CollectionQuestion,
  type Delta,
  type End,
  type Member,
  membersOf,
  valueOfMembers,
} from '../../core/collection.js';
import type { FallbackDriver, KeyedChange, WriteResult } from '../../core/fallback-driver.js';
import type { CollectionChange, Done, Entry, Expectation, Outcome } from '../../core/kind.js';
import type { Members } from '../../core/members.js';
import type { Row, Schema } from '../../core/schema.js';
import { membersFor, type SampleMembers, sampleMembers, sampleQuery } from '../sample-collections.js';
import { sampleKey } from '../sample-schema.js';
import type { Bench } from './bench.js';

/** Changes beside what the kind itself makes of them, which is what every store must answer. */
export class Collections {
  readonly #bench: Bench;
  readonly driver: FallbackDriver;
  readonly schema: Schema;
  readonly #model: Map<string, Entry>;

  constructor(bench: Bench, driver: FallbackDriver, schema: Schema, model = new Map<string, Entry>()) {
    this.#bench = bench;
    this.driver = driver;
    this.schema = schema;
    this.#model = model;
  }

  /** A fresh store for these schemas, of which the first is what most of the case is about. */
  static async open(bench: Bench, ...schemas: readonly Schema[]): Promise<Collections> {
    const { driver } = await bench.open(...schemas);
    return new Collections(bench, driver, schemas[0]!);
  }

  /** The same store, closed and opened again. */
  async reopen(...others: readonly Schema[]): Promise<Collections> {
    const { driver } = await this.#bench.reopen(this.schema, ...others);
    return new Collections(this.#bench, driver, this.schema, this.#model);
  }

  /** The same driver on another entity. */
  of(schema: Schema): Collections {
    return new Collections(this.#bench, this.driver, schema, this.#model);
  }

  members(given: SampleMembers): Members {
    return membersFor(this.schema.kind.structure!, given);
  }

  change(id: string, change: CollectionChange): KeyedChange {
    return { schema: this.schema, key: sampleKey(id), change };
  }

  put(id: string, given: SampleMembers, more: { expect?: Expectation; expiresAt?: number } = {}): KeyedChange {
    return this.change(id, { type: 'put', row: this.#row(this.members(given)), ...more });
  }

  insert(id: string, given: SampleMembers, expiresAt?: number): KeyedChange {
    return this.put(id, given, { expect: 'absent', ...(expiresAt !== undefined && { expiresAt }) });
  }

  patch(id: string, given: SampleMembers): KeyedChange {
    return this.change(id, { type: 'patch', set: new Map([[0, this.#row(this.members(given))[0]]]) });
  }

  modify(id: string, change: (members: Members) => Members): KeyedChange {
    return this.change(id, { type: 'modify', change: (row) => this.#row(change(membersOf(row))) });
  }

  delete(id: string): KeyedChange {
    return this.change(id, { type: 'delete' });
  }

  add(id: string, given: SampleMembers, expiresAt?: number): KeyedChange {
    return this.change(id, { type: 'add', members: sampleMembers(given), expiresAt });
  }

  remove(id: string, ...texts: readonly string[]): KeyedChange {
    return this.change(id, { type: 'remove', texts });
  }

  increment(id: string, text: string, by: number, expiresAt?: number): KeyedChange {
    return this.change(id, { type: 'increment', text, by, expiresAt });
  }

  push(id: string, end: End, texts: readonly string[], expiresAt?: number): KeyedChange {
    return this.change(id, { type: 'push', end, texts, expiresAt });
  }

  pop(id: string, end: End): KeyedChange {
    return this.change(id, { type: 'pop', end });
  }

  write(...changes: readonly KeyedChange[]): Promise<WriteResult> {
    return this.driver.write(changes);
  }

  /** Writes, and insists that all was done and answered as the kind does; gives the answers. */
  async done(...changes: readonly KeyedChange[]): Promise<readonly Answer[]> {
    const expected = changes.map((keyed) => this.#expect(keyed));
    const result = await this.write(...changes);
    if (!result.done) assert.fail(`change ${result.index} was answered with ${inspect(result.outcome)}, not done`);
    assert.equal(result.outcomes.length, changes.length, 'one outcome for each change');
    return result.outcomes.map((outcome, index) => sameOutcome(changes[index]!, outcome, expected[index]!));
  }

  /** Likewise, each change in a write of its own. */
  async each(...changes: readonly KeyedChange[]): Promise<void> {
    for (const change of changes) await this.done(change);
  }

  /** Writes, and insists that the change at `index` was answered with `status`, and that nothing was written. */
  async refused(status: Outcome['status'], changes: readonly KeyedChange[], index = 0): Promise<void> {
    const result = await this.write(...changes);
    assert.ok(!result.done, `expected '${status}', but the write was done`);
    assert.equal(result.outcome.status, status);
    assert.equal(result.index, index, 'the index of the change that could not be made');
    if (result.outcome.status === 'invalid') assert.ok(result.outcome.fact.length > 0, 'says what is wrong');
    for (const { schema, key } of changes)
      if (schema.kind.structure) await this.of(schema).agrees(key.parts[0] as string);
  }

  /** Writes without looking at what comes of it; the case says itself what is to be there. */
  async blindly(id: string, given: SampleMembers, ...changes: readonly KeyedChange[]): Promise<readonly Done[]> {
    const results = await Promise.all(changes.map((change) => this.write(change)));
    this.#model.set(this.#place(id), { value: valueOfMembers(this.members(given)) });
    await this.agrees(id);
    return results.map((result) => (result.done ? result.outcomes[0]! : assert.fail(inspect(result.outcome))));
  }

  /** Insists that the collection is there, and has exactly these members in their order. */
  async holds(id: string, given: SampleMembers): Promise<void> {
    const found = await this.#read(id);
    assert.ok(found, `${id} is not there`);
    const expected = sampleMembers(given);
    assert.deepEqual(this.#bare([...membersOf(found.value).ordered]), this.#bare(expected), id);
    await this.agrees(id);
  }

  async lacks(id: string): Promise<void> {
    assert.equal(await this.#read(id), null, `${id} is there`);
    assert.equal(await this.ask(id, { type: 'exists' }), null, `${id} is there to a query`);
    await this.agrees(id);
  }

  /** Insists that the store holds under the id what the kind has made of it. */
  async agrees(id: string): Promise<void> {
    const found = await this.#read(id);
    const expected = this.#live(id);
    if (expected === null || found === null) return assert.deepEqual(found, expected, `what ${id} is`);
    const members = (entry: Entry) => this.#bare([...membersOf(entry.value).ordered]);
    assert.deepEqual(members(found), members(expected), `the members of ${id}`);
    assert.equal(membersOf(found.value).size, membersOf(expected.value).size);
    assert.equal(found.expiresAt, expected.expiresAt, `the expiry of ${id}`);
  }

  /** What the store answers, which must be what the kind does; `null` where there is no collection. */
  async ask(id: string, question: CollectionQuestion): Promise<Answer | null> {
    const query = sampleQuery(question);
    const [found] = await this.driver.read(this.schema, [sampleKey(id)], query);
    const expected = this.#live(id);
    if (!found || !expected) {
      assert.equal(found, expected, `what ${id} answers to ${query.id}`);
      return null;
    }
    assert.equal(found.expiresAt, expected.expiresAt, `the expiry of ${id}, asked ${query.id}`);
    const answer = found.value as Answer;
    if (question.type === 'scan') return answer;
    const truth = this.schema.kind.select(this.schema, expected.value, query) as Answer;
    const subject = `what ${id} answers to ${query.id}`;
    assert.deepEqual(this.#bare(answer.members), this.#bare(truth.members), subject);
    if (question.type === 'near') sameDistances(answer.numbers, truth.numbers, subject);
    else assert.deepEqual(answer.numbers, truth.numbers, subject);
    return answer;
  }

  /** The texts of an answer's members. */
  async texts(id: string, question: CollectionQuestion): Promise<readonly string[]> {
    return (await this.ask(id, question))!.members.map(({ text }) => text);
  }

  /** The numbers of an answer. */
  async numbers(id: string, question: CollectionQuestion): Promise<readonly (number | undefined)[]> {
    return (await this.ask(id, question))!.numbers;
  }

  async #read(id: string): Promise<Entry | null> {
    const entries = await this.driver.read(this.schema, [sampleKey(id)], undefined);
    assert.equal(entries.length, 1);
    return entries[0]!;
  }

  #row(members: Members): Row {
    return valueOfMembers(members) as Row;
  }

  #place(id: string): string {
    return JSON.stringify([this.schema.name, sampleKey(id).id]);
  }

  #live(id: string): Entry | null {
    const entry = this.#model.get(this.#place(id));
    return entry === undefined || (entry.expiresAt ?? Number.POSITIVE_INFINITY) <= this.#bench.now() ? null : entry;
  }

  #expect({ schema, key, change }: KeyedChange): Outcome {
    const entity = this.of(schema);
    if (schema.kind.structure === undefined) return { status: 'missing' };
    const outcome = schema.kind.apply(schema, entity.#live(key.parts[0] as string), change);
    if (outcome.status !== 'done') assert.fail(`the kind itself answers ${inspect(outcome)}`);
    const place = entity.#place(key.parts[0] as string);
    if (outcome.entry === null) this.#model.delete(place);
    else this.#model.set(place, outcome.entry);
    return outcome;
  }

  #bare(members: readonly Member[]): readonly Member[] {
    return bareMembers(this.schema, members);
  }
}

/** Insists on the outcome that the kind has. */
function sameOutcome({ schema, change }: KeyedChange, found: Done, wanted: Outcome): Answer {
  const nothing: Answer = { members: [], numbers: [] };
  if (wanted.status !== 'done') return nothing;
  const { entry } = found;
  const subject = `the outcome of ${change.type}`;
  assert.equal(entry === null, wanted.entry === null, `${subject}: whether there is an entry`);
  assert.equal(entry?.expiresAt, wanted.entry?.expiresAt, `${subject}: the expiry`);
  if (change.type !== 'put') assert.equal(found.existed, wanted.existed, `${subject}: existed`);
  if (entry !== null && (wanted.delta === undefined || entry.value !== undefined))
    assert.ok(schema.kind.same(entry.value, wanted.entry!.value), `${subject}: the value`);
  if (!wanted.delta) return nothing;
  assert.ok(found.delta && found.answer, `${subject}: a delta and an answer`);
  assert.deepEqual(bareDelta(schema, found.delta), bareDelta(schema, wanted.delta), `${subject}: the delta`);
  assert.deepEqual(bareAnswer(schema, found.answer), bareAnswer(schema, wanted.answer!), `${subject}: the answer`);
  return found.answer;
}

/** In metres: what the last bit of a sine may make of it. */
const DISTANCE_ERROR = 0.001;

function sameDistances(found: Answer['numbers'], wanted: Answer['numbers'], subject: string): void {
  assert.equal(found.length, wanted.length, `${subject}: a distance for each`);
  for (const [at, distance] of wanted.entries())
    assert.ok(Math.abs(found[at]! - distance!) < DISTANCE_ERROR, `${subject}: ${found[at]} for ${distance} metres`);
}

/** Positions in a list are the store's own. */
const bareMembers = (schema: Schema, members: readonly Member[]): readonly Member[] =>
  members.map(({ text, score }) => ({ text, score: schema.kind.structure === 'list' ? 0 : score }));

const bareAnswer = (schema: Schema, { members, numbers }: Answer): Answer => ({
  members: bareMembers(schema, members),
  numbers,
});

const bareDelta = (schema: Schema, delta: Delta): Delta =>
  delta.type === 'ends' ? delta : { ...delta, put: bareMembers(schema, delta.put) };
