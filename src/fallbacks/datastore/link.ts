import { setTimeout as sleep } from 'node:timers/promises';
import { Contention, type FaultPlace, faultOf, isPassing, type Phase } from './faults.js';
import type { Call, Connected } from './source.js';
import { sizeOfMutation } from './values.js';
import { type Found, type KindQuery, type Mutation, pathText, type WireEntity, type WireKey } from './wire.js';

/** The most mutations of one commit. */
export const MOST_MUTATIONS = 500;
/** The most bytes of one request; a little is left for what stands around the mutations. */
export const MOST_REQUEST_BYTES = 10 * 2 ** 20 - 65_536;

const MOST_KEYS = 1000;
const TRIES = 3;
// Of writes that may be made twice.
const MOST_TRIES = 8;
const PAUSE = 50;

/** A transaction that the service has begun. */
export type Transaction = Uint8Array;

/** What begins a transaction with a read. */
export interface Beginning {
  readonly readOnly: boolean;
  readonly previous?: Transaction | undefined;
}

/** What came of one mutation. */
export interface Mutated {
  readonly conflict: boolean;
}

const modeOf = ({ readOnly, previous }: Beginning): object =>
  readOnly ? { readOnly: {} } : { readWrite: previous === undefined ? {} : { previousTransaction: previous } };

/** The calls of the service: each ends within the statement timeout, reads are made again where the service was away for a moment. */
export class DatastoreLink {
  readonly #connected: Connected;
  readonly #place: FaultPlace;
  readonly #under = new Set<Promise<unknown>>();
  readonly #of: object;
  #used = false;
  /** Which namespace of which database its keys are of. */
  readonly partition: object;

  constructor(connected: Connected, name: string, statementTimeout: number) {
    this.#connected = connected;
    const { project, database, namespace } = connected;
    this.#place = { subject: `fallback '${name}' (${connected.place})`, timeout: statementTimeout };
    this.#of = { projectId: project, ...(database === undefined ? {} : { databaseId: database }) };
    this.partition = { ...this.#of, ...(namespace === undefined ? {} : { namespaceId: namespace }) };
  }

  get subject(): string {
    return this.#place.subject;
  }

  /** Finds entities by their keys, all as of one moment where there are no more than a thousand or they are read in a transaction. */
  async lookup(keys: readonly WireKey[], transaction?: Transaction): Promise<Map<string, Found>> {
    const found = new Map<string, Found>();
    const readOptions = transaction === undefined ? {} : { readOptions: { transaction } };
    const parts: Promise<unknown>[] = [];
    for (let from = 0; from < keys.length; from += MOST_KEYS)
      parts.push(this.#lookup(keys.slice(from, from + MOST_KEYS), readOptions, found));
    await all(parts);
    return found;
  }

  /** Begins a transaction with a lookup, in one round trip where there are no more than a thousand keys. */
  async beginWith(
    keys: readonly WireKey[],
    beginning: Beginning,
  ): Promise<{ readonly transaction: Transaction; readonly found: Map<string, Found> }> {
    if (keys.length === 0) return { transaction: await this.begin(beginning), found: new Map() };
    const found = new Map<string, Found>();
    const readOptions = { readOptions: { newTransaction: modeOf(beginning) } };
    const transaction = await this.#lookup(keys.slice(0, MOST_KEYS), readOptions, found);
    try {
      for (const [id, one] of await this.lookup(keys.slice(MOST_KEYS), transaction)) found.set(id, one);
    } catch (error) {
      this.rollback(transaction!);
      throw error;
    }
    return { transaction: transaction!, found };
  }

  async #lookup(
    keys: readonly WireKey[],
    readOptions: object,
    found: Map<string, Found>,
  ): Promise<Transaction | undefined> {
    let begun: Transaction | undefined;
    let options = readOptions;
    for (let rest = keys; rest.length > 0; ) {
      const answer = (await this.#read('lookup', { keys: rest, ...options })) as {
        readonly found: readonly Found[];
        readonly deferred: readonly WireKey[];
        readonly transaction?: Transaction;
      };
      for (const one of answer.found) found.set(pathText(one.entity.key.path), one);
      if (answer.transaction?.length && begun === undefined) {
        begun = answer.transaction;
        options = { readOptions: { transaction: begun } };
      }
      rest = answer.deferred;
    }
    return begun;
  }

  /** What a query finds, batch by batch, all as of one moment where it is in a transaction. */
  async *query(query: KindQuery, transaction?: Transaction): AsyncGenerator<readonly WireEntity[]> {
    const readOptions = transaction === undefined ? {} : { readOptions: { transaction } };
    let { limit, offset = 0 } = query;
    if (limit === 0) return;
    let startCursor: Uint8Array | undefined;
    for (;;) {
      const request = {
        partitionId: this.partition,
        ...readOptions,
        query: { ...wireQuery(query, limit, offset), ...(startCursor === undefined ? {} : { startCursor }) },
      };
      const { batch } = (await this.#read('runQuery', request)) as {
        readonly batch: {
          readonly entityResults: readonly { readonly entity: WireEntity }[];
          readonly endCursor: Uint8Array;
          readonly moreResults: string;
          readonly skippedResults: number;
        };
      };
      const entities = batch.entityResults.map(({ entity }) => entity);
      if (entities.length > 0) yield entities;
      if (batch.moreResults !== 'NOT_FINISHED') return;
      startCursor = batch.endCursor;
      offset -= batch.skippedResults;
      if (limit !== undefined) limit -= entities.length;
    }
  }

  /** All that a query finds. */
  async all(query: KindQuery, transaction?: Transaction): Promise<WireEntity[]> {
    const found: WireEntity[] = [];
    for await (const some of this.query(query, transaction)) found.push(...some);
    return found;
  }

  async count(query: KindQuery, transaction?: Transaction): Promise<number> {
    const { batch } = (await this.#read('runAggregationQuery', {
      partitionId: this.partition,
      ...(transaction === undefined ? {} : { readOptions: { transaction } }),
      aggregationQuery: { nestedQuery: wireQuery(query, query.limit, 0), aggregations: [{ alias: 'n', count: {} }] },
    })) as {
      readonly batch: {
        readonly aggregationResults: readonly [
          { readonly aggregateProperties: { readonly n: { readonly integerValue: string } } },
        ];
      };
    };
    return Number(batch.aggregationResults[0].aggregateProperties.n.integerValue);
  }

  async begin(beginning: Beginning): Promise<Transaction> {
    const answer = (await this.#read('beginTransaction', { transactionOptions: modeOf(beginning) })) as {
      readonly transaction: Transaction;
    };
    return answer.transaction;
  }

  /** Makes the mutations: in a transaction all or none, without one each for itself. Made once, whatever comes of it. @throws Mismatch, Contention */
  async commit(mutations: readonly Mutation[], transaction?: Transaction): Promise<readonly Mutated[]> {
    const mode = transaction === undefined ? { mode: 'NON_TRANSACTIONAL' } : { mode: 'TRANSACTIONAL', transaction };
    const answer = (await this.#call('commit', { ...mode, mutations }, 'committing')) as {
      readonly mutationResults: readonly { readonly conflictDetected: boolean }[];
    };
    return answer.mutationResults.map(({ conflictDetected }) => ({ conflict: conflictDetected }));
  }

  /**
   * Makes any number of mutations that nobody depends on yet, or any longer, each for itself; again where it is not known whether they
   * were made.
   */
  async commitAside(mutations: readonly Mutation[]): Promise<void> {
    for (const part of parts(mutations)) {
      const request = { mode: 'NON_TRANSACTIONAL', mutations: part };
      await this.#again(() => this.#call('commit', request, 'aside'), MOST_TRIES);
    }
  }

  /** Lets the service forget a transaction; nobody waits for it, and it is forgotten anyway. */
  rollback(transaction: Transaction): void {
    this.#call('rollback', { transaction }, 'reading').catch(() => undefined);
  }

  /** Waits for what is under way, and closes the channel. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#under);
    const { client } = this.#connected;
    // A channel that was never opened cannot be closed, nor one that could not be opened.
    if (this.#used)
      await client.initialize().then(
        () => client.close(),
        () => undefined,
      );
  }

  /** Makes a call that changes nothing. @throws Contention */
  #read(method: Method, request: object): Promise<unknown> {
    return this.#again(() => this.#call(method, request, 'reading'));
  }

  /** Makes a call that may be made twice: again where the service was away. */
  async #again(call: () => Promise<unknown>, most = TRIES): Promise<unknown> {
    for (let tries = 1; ; tries++)
      try {
        return await call();
      } catch (error) {
        const aborted = most === MOST_TRIES && error instanceof Contention;
        if (tries === most || !(aborted || isPassing((error as { cause?: unknown }).cause))) throw error;
        await sleep(Math.random() * PAUSE * tries);
      }
  }

  #call(method: Method, request: object, phase: Phase): Promise<unknown> {
    const { client } = this.#connected;
    this.#used = true;
    // The generated code would try again by itself, for ten minutes.
    const options = { timeout: this.#place.timeout, retry: null };
    const made = (client[method] as Call)
      .call(client, { ...this.#of, ...request }, options)
      .then(([answer]) => answer)
      .catch((error: unknown) => {
        throw faultOf(this.#place, error, phase);
      });
    this.#under.add(made);
    const done = () => this.#under.delete(made);
    made.then(done, done);
    return made;
  }
}

type Method = 'lookup' | 'runQuery' | 'runAggregationQuery' | 'beginTransaction' | 'commit' | 'rollback';

/** Mutations in parts that a commit takes. */
export function parts(mutations: readonly Mutation[], most = MOST_MUTATIONS): Mutation[][] {
  const made: Mutation[][] = [];
  let part: Mutation[] = [];
  let bytes = 0;
  for (const mutation of mutations) {
    const size = sizeOfMutation(mutation);
    if (part.length === most || (part.length > 0 && bytes + size > MOST_REQUEST_BYTES)) {
      made.push(part);
      [part, bytes] = [[], 0];
    }
    part.push(mutation);
    bytes += size;
  }
  if (part.length > 0) made.push(part);
  return made;
}

/** Waits for all, also where one fails: then nothing goes on behind the error. */
async function all(promises: readonly Promise<unknown>[]): Promise<void> {
  const settled = await Promise.allSettled(promises);
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
}

function wireQuery(
  { kind, filters = [], order, keysOnly }: KindQuery,
  limit: number | undefined,
  offset: number,
): object {
  const [first] = filters;
  return {
    kind: [{ name: kind }],
    ...(keysOnly ? { projection: [{ property: { name: '__key__' } }] } : {}),
    ...(first === undefined
      ? {}
      : {
          filter:
            filters.length === 1
              ? { propertyFilter: first }
              : { compositeFilter: { op: 'AND', filters: filters.map((propertyFilter) => ({ propertyFilter })) } },
        }),
    ...(order === undefined
      ? {}
      : { order: [{ property: { name: order.property }, direction: order.descending ? 'DESCENDING' : 'ASCENDING' }] }),
    ...(limit === undefined ? {} : { limit: { value: limit } }),
    ...(offset === 0 ? {} : { offset }),
  };
}
