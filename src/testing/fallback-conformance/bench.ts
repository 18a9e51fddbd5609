import { strict as assert } from 'node:assert';
import { inspect } from 'node:util';
import { type Clock, systemClock } from '../../core/clock.js';
import { ValidationError } from '../../core/errors.js';
import type { DriverOptions, FallbackDriver, KeyedChange, Scanned, WriteResult } from '../../core/fallback-driver.js';
import type { Done, Entry, Outcome, RowChange } from '../../core/kind.js';
import { type Plain, samePlain } from '../../core/plain.js';
import type { Key, Row, Schema } from '../../core/schema.js';
import { type FakeClock, fakeClock } from '../fake-clock.js';
import { sampleKey, sampleRow } from '../sample-schema.js';
import type { ConformanceCase, FallbackContext } from './context.js';

/** The statement timeout that the suite opens drivers with, in milliseconds. */
const STATEMENT_TIMEOUT = 10_000;

export type Values = Readonly<Record<string, Plain>>;

/** A case, which gets a bench that closes what it opened. */
export function testing(name: string, run: (bench: Bench) => Promise<void>): ConformanceCase<FallbackContext> {
  return {
    name,
    async run(context) {
      const bench = new Bench(context);
      try {
        await run(bench);
      } finally {
        await bench.close();
      }
    },
  };
}

/** An opened driver and the short words that cases are written in. */
export class Bench {
  readonly #context: FallbackContext;
  readonly #fake: FakeClock | undefined;
  readonly #opened: FallbackDriver[] = [];
  readonly options: DriverOptions;

  constructor(context: FallbackContext) {
    this.#context = context;
    this.#fake = context.pass ? undefined : fakeClock(Date.now());
    const clock: Clock = this.#fake ?? systemClock;
    const silent = () => {};
    this.options = {
      synchronize: true,
      clock,
      logger: { info: silent, warn: silent, error: silent },
      statementTimeout: STATEMENT_TIMEOUT,
    };
  }

  async open(...schemas: readonly Schema[]): Promise<Subject> {
    return this.#subject(await this.#context.open(schemas, this.options), schemas);
  }

  /** Closes all that is open, and opens the same store again. */
  async reopen(...schemas: readonly Schema[]): Promise<Subject> {
    await this.close();
    return this.#subject(await this.#context.reopen(schemas, this.options), schemas);
  }

  #subject(driver: FallbackDriver, schemas: readonly Schema[]): Subject {
    this.#opened.push(driver);
    return new Subject(driver, schemas[0]!);
  }

  now(): number {
    return this.options.clock.now();
  }

  async pass(ms: number): Promise<void> {
    await (this.#fake ? this.#fake.advance(ms) : this.#context.pass!(ms));
  }

  async close(): Promise<void> {
    for (const driver of this.#opened.splice(0)) await driver.close();
  }
}

export const put = (row: Row, more: Partial<Extract<RowChange, { type: 'put' }>> = {}): RowChange => ({
  type: 'put',
  row,
  ...more,
});
export const remove: RowChange = { type: 'delete' };

/** A driver beside the schema that most of a case is about. */
export class Subject {
  constructor(
    readonly driver: FallbackDriver,
    readonly schema: Schema,
  ) {}

  /** The same driver on another entity. */
  of(schema: Schema): Subject {
    return new Subject(this.driver, schema);
  }

  change(id: Plain | Key, change: RowChange): KeyedChange {
    return { schema: this.schema, key: keyOf(id), change };
  }

  put(id: Plain | Key, values: Values, more: Partial<Extract<RowChange, { type: 'put' }>> = {}): KeyedChange {
    return this.change(id, put(sampleRow(this.schema, values), more));
  }

  insert(id: Plain | Key, values: Values): KeyedChange {
    return this.put(id, values, { expect: 'absent' });
  }

  patch(id: Plain | Key, values: Values, version?: number): KeyedChange {
    const set = new Map(Object.entries(values).map(([name, plain]) => [this.field(name), plain]));
    return this.change(id, { type: 'patch', set, ...(version === undefined ? {} : { version }) });
  }

  increment(id: Plain | Key, field: string, by: number | bigint): KeyedChange {
    return this.change(id, { type: 'increment', field: this.field(field), by });
  }

  modify(id: Plain | Key, change: (row: Row) => Row): KeyedChange {
    return this.change(id, { type: 'modify', change });
  }

  delete(id: Plain | Key): KeyedChange {
    return this.change(id, remove);
  }

  field(name: string): number {
    const index = this.schema.fields.findIndex((field) => field.name === name);
    assert.notEqual(index, -1, `the schema has no field ${name}`);
    return index;
  }

  write(...changes: readonly KeyedChange[]): Promise<WriteResult> {
    return this.driver.write(changes);
  }

  /** Writes, and insists that it was done. */
  async done(...changes: readonly KeyedChange[]): Promise<readonly Done[]> {
    const result = await this.write(...changes);
    if (!result.done) assert.fail(`change ${result.index} was answered with ${inspect(result.outcome)}, not done`);
    assert.equal(result.outcomes.length, changes.length, 'one outcome for each change');
    return result.outcomes;
  }

  /** Writes, and insists that the change at `index` was answered with `status`. */
  async refused(status: Outcome['status'], changes: readonly KeyedChange[], index = 0): Promise<void> {
    const result = await this.write(...changes);
    assert.ok(!result.done, `expected '${status}', but the write was done`);
    assert.equal(result.outcome.status, status);
    assert.equal(result.index, index, 'the index of the change that could not be made');
    if (result.outcome.status === 'invalid') assert.ok(result.outcome.fact.length > 0, 'says what is wrong');
  }

  async entry(id: Plain | Key): Promise<Entry | null> {
    const entries = await this.driver.read(this.schema, [keyOf(id)], undefined);
    assert.equal(entries.length, 1);
    return entries[0]!;
  }

  async row(id: Plain | Key): Promise<Row | undefined> {
    return (await this.entry(id))?.value as Row | undefined;
  }

  /** Insists that the key holds exactly these values, and nothing else. */
  async holds(id: Plain | Key, values: Values): Promise<void> {
    const row = await this.row(id);
    assert.ok(row, `${showId(id)} is not there`);
    assertRow(this.schema, row, sampleRow(this.schema, values), showId(id));
  }

  async lacks(id: Plain | Key): Promise<void> {
    assert.equal(await this.entry(id), null, `${showId(id)} is there`);
  }

  count(): Promise<number> {
    return this.driver.count(this.schema);
  }

  async scan(): Promise<Scanned[]> {
    const all: Scanned[] = [];
    for await (const one of this.driver.scan(this.schema)) all.push(one);
    return all;
  }
}

/** A key of one part, or the key itself. */
export const keyOf = (id: Plain | Key): Key =>
  typeof id === 'object' && id !== null && 'parts' in id ? id : sampleKey(id as Exclude<Plain, null>);

export const showId = (id: Plain | Key): string => {
  const text = JSON.stringify(keyOf(id).id);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
};

const show = (plain: Plain | undefined): string => {
  if (plain === undefined) return 'absent';
  const text =
    plain instanceof Uint8Array
      ? `bytes ${Buffer.from(plain).toString('hex')}`
      : typeof plain === 'bigint'
        ? `${plain}n`
        : JSON.stringify(plain);
  return text.length > 80 ? `${text.slice(0, 80)}… (${text.length} characters)` : text;
};

/** Insists that two plain values are the same, and of the same type. */
export function assertPlain(actual: Plain | undefined, expected: Plain | undefined, subject: string): void {
  const same = samePlain(actual, expected) && Object.is(actual, -0) === Object.is(expected, -0);
  assert.ok(same, `${subject}: expected ${show(expected)}, got ${show(actual)}`);
}

export function assertRow(schema: Schema, actual: Row, expected: Row, subject: string): void {
  assert.equal(actual.length, schema.fields.length, `${subject}: one value for each field`);
  for (const [index, field] of schema.fields.entries())
    assertPlain(actual[index], expected[index], `${subject}.${field.name}`);
}

/** Insists that a call is refused as invalid. */
export async function assertInvalid(call: Promise<unknown>, subject: string): Promise<void> {
  await assert.rejects(
    call,
    (error) => error instanceof ValidationError || assert.fail(`${subject}: expected a ValidationError, got ${error}`),
    `${subject}: expected a ValidationError, but it was done`,
  );
}
