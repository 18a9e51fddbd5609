import { checkKey, partitionOf, storedKey } from './keys.js';
import { type Asked, askedOf, between, cursorOf, matching } from './query.js';
import { DatastoreStore, type Stored, type Transaction } from './store.js';
import { checkEntity, kept } from './values.js';
import {
  Refusal,
  unknownHere,
  type WireKey,
  type WireMutation,
  type WirePartition,
  type WireQuery,
  type WireReadOptions,
  type WireTransactionOptions,
} from './wire.js';

const MOST_MUTATIONS = 500;
const MOST_KEYS = 1000;

interface Of {
  readonly projectId: string;
  readonly databaseId?: string;
}
interface QueryRequest extends Of {
  readonly partitionId?: WirePartition;
  readonly readOptions?: WireReadOptions;
}

/** How a read sees the store. */
interface View {
  readonly version: number;
  readonly transaction: Transaction | undefined;
  readonly begun: boolean;
}

export interface ServiceLimits {
  /** So many results are in one batch of a query. Default: 300. */
  readonly batch?: number;
  /** So many keys are answered by one lookup; it defers the others. Default: all. */
  readonly lookup?: number;
}

/** What google.datastore.v1 does, as far as it is used; refuses what it does not know. */
export class DatastoreService {
  readonly store = new DatastoreStore();
  readonly #limits: Required<ServiceLimits>;
  #lastId = 5_000_000_000_000_000n;

  constructor({ batch = 300, lookup = MOST_KEYS }: ServiceLimits = {}) {
    this.#limits = { batch, lookup };
  }

  Lookup(
    request: Of & {
      readonly readOptions?: WireReadOptions;
      readonly keys: readonly WireKey[];
      readonly propertyMask?: unknown;
    },
  ) {
    const { keys } = request;
    if (request.propertyMask) throw unknownHere('property masks');
    if (keys.length === 0) throw new Refusal('INVALID_ARGUMENT', 'a lookup needs a key');
    if (keys.length > MOST_KEYS) throw new Refusal('INVALID_ARGUMENT', `cannot look up more than ${MOST_KEYS} keys`);
    for (const key of keys) checkKey(key);
    const view = this.#view(request.readOptions);
    const found: unknown[] = [];
    const missing: unknown[] = [];
    // Each key once, in an order of its own.
    const unique = [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()].reverse();
    for (const wire of unique.slice(0, this.#limits.lookup)) {
      const partition = this.#partition(request, wire.partitionId);
      const key = storedKey(wire);
      const seen = (version: number) => String(this.store.at(partition, key, version)?.version ?? 'none');
      view.transaction?.looks.push({
        id: key.text,
        seen,
        was: seen(view.version),
        covers: (of, other) => of === partition && other.text === key.text,
      });
      const stored = this.store.at(partition, key, view.version);
      if (stored) found.push({ entity: stored.entity, version: String(stored.version) });
      else missing.push({ entity: { key: wire, properties: {} }, version: String(view.version) });
    }
    return { found, missing, deferred: unique.slice(this.#limits.lookup), ...begun(view) };
  }

  RunQuery(
    request: QueryRequest & {
      readonly query?: WireQuery;
      readonly propertyMask?: unknown;
      readonly explainOptions?: unknown;
    },
  ) {
    if (!request.query || request.propertyMask || request.explainOptions)
      throw unknownHere('GQL, masks and explanations');
    const view = this.#view(request.readOptions);
    const asked = askedOf(request.query);
    const run = this.#look(request, asked, view);
    const rest = between(asked, run);
    const skipped = rest.slice(0, asked.offset);
    const wanted = rest.slice(asked.offset).slice(0, asked.limit);
    const batch = wanted.slice(0, this.#limits.batch);
    const last = batch.at(-1) ?? skipped.at(-1);
    const finished = batch.length === wanted.length;
    return {
      batch: {
        skippedResults: skipped.length,
        entityResultType: asked.keysOnly ? 'KEY_ONLY' : 'FULL',
        entityResults: batch.map((one) => ({
          entity: asked.keysOnly ? { key: one.stored.entity.key, properties: {} } : one.stored.entity,
          version: String(one.stored.version),
          cursor: cursorOf(asked, one),
        })),
        endCursor: last ? cursorOf(asked, last) : (asked.after ?? Buffer.alloc(0)),
        moreResults: !finished
          ? 'NOT_FINISHED'
          : wanted.length < rest.length - skipped.length
            ? 'MORE_RESULTS_AFTER_LIMIT'
            : 'NO_MORE_RESULTS',
      },
      ...begun(view),
    };
  }

  RunAggregationQuery(
    request: QueryRequest & {
      readonly aggregationQuery?: {
        readonly nestedQuery: WireQuery;
        readonly aggregations: readonly {
          readonly operator: string;
          readonly count?: { readonly upTo?: unknown };
          readonly alias?: string;
        }[];
      };
      readonly explainOptions?: unknown;
    },
  ) {
    const query = request.aggregationQuery;
    if (!query || request.explainOptions) throw unknownHere('GQL and explanations');
    const view = this.#view(request.readOptions);
    const asked = askedOf(query.nestedQuery);
    const count = between(asked, this.#look(request, asked, view))
      .slice(asked.offset)
      .slice(0, asked.limit).length;
    const results = query.aggregations.map(({ operator, count: counted, alias }, at) => {
      if (operator !== 'count' || counted?.upTo) throw unknownHere('aggregations but for a plain count');
      return [alias || `property_${at + 1}`, { integerValue: String(count) }] as const;
    });
    return {
      batch: {
        aggregationResults: [{ aggregateProperties: Object.fromEntries(results) }],
        moreResults: 'NO_MORE_RESULTS',
      },
      ...begun(view),
    };
  }

  BeginTransaction({ transactionOptions }: Of & { readonly transactionOptions?: WireTransactionOptions }) {
    return { transaction: Buffer.from(this.#begin(transactionOptions).id, 'base64') };
  }

  /** Ends a transaction, as an abort does. */
  forget(transaction: Buffer | undefined): void {
    if (transaction) this.store.end(this.store.transaction(transaction));
  }

  Rollback({ transaction }: Of & { readonly transaction: Buffer }) {
    this.store.end(this.store.transaction(transaction));
    return {};
  }

  Commit(
    request: Of & {
      readonly mode?: string;
      readonly transactionSelector?: string;
      readonly transaction?: Buffer;
      readonly mutations: readonly WireMutation[];
    },
  ) {
    const { mode, mutations } = request;
    if (mutations.length > MOST_MUTATIONS)
      throw new Refusal('INVALID_ARGUMENT', `cannot write more than ${MOST_MUTATIONS} entities in a single call`);
    if (request.transactionSelector === 'singleUseTransaction') throw unknownHere('single-use transactions');
    if (mode !== 'TRANSACTIONAL' && mode !== 'NON_TRANSACTIONAL') throw unknownHere(`the mode ${mode}`);
    if ((mode === 'TRANSACTIONAL') !== (request.transaction !== undefined))
      throw new Refusal('INVALID_ARGUMENT', 'a transaction is needed in the mode TRANSACTIONAL, and in no other');
    const transaction = request.transaction && this.store.transaction(request.transaction);
    // Whatever comes of it, a transaction is over.
    if (transaction) this.store.end(transaction);
    if (transaction?.readOnly && mutations.length > 0)
      throw new Refusal('INVALID_ARGUMENT', 'the transaction is read-only');
    const given = mutations.map((mutation) => this.#checked(mutation));
    const partitions = given.map((mutation) => {
      const key = mutation.operation === 'delete' ? mutation.delete! : mutation[mutation.operation]!.key;
      return [this.#partition(request, key.partitionId), storedKey(key).text] as const;
    });
    if (new Set(partitions.map((one) => JSON.stringify(one))).size < partitions.length)
      throw unknownHere('several mutations of one entity in one commit');
    if (new Set(partitions.map(([partition]) => partition)).size > 1)
      throw unknownHere('commits to several partitions');
    if (transaction && !transaction.readOnly) this.store.checkReads(transaction);
    const made = given.length === 0 ? [] : this.store.mutate(partitions[0]![0], given);
    return {
      mutationResults: made.map(({ version, conflict }) => ({ version: String(version), conflictDetected: conflict })),
      indexUpdates: 0,
    };
  }

  /** Whether a commit has to wait, where transactions lock what they read. */
  isLocked(request: Parameters<DatastoreService['Commit']>[0]): boolean {
    const { mutations, transaction } = request;
    const [first] = mutations;
    if (!first) return false;
    const { partitionId } = first.operation === 'delete' ? first.delete! : first[first.operation]!.key;
    const own = transaction && this.store.transaction(transaction);
    return this.store.isLocked(this.#partition(request, partitionId), mutations, own);
  }

  AllocateIds({ keys }: Of & { readonly keys: readonly WireKey[] }) {
    for (const key of keys) checkKey(key, true);
    return {
      keys: keys.map((key) => ({
        ...key,
        path: [...key.path.slice(0, -1), { kind: key.path.at(-1)!.kind, id: String(this.#lastId++) }],
      })),
    };
  }

  ReserveIds(): never {
    throw unknownHere('ReserveIds');
  }

  #checked(mutation: WireMutation): WireMutation {
    const { operation } = mutation;
    if (mutation.propertyMask || (mutation.propertyTransforms?.length ?? 0) > 0)
      throw unknownHere('property masks and transforms');
    if (mutation.conflictDetectionStrategy === 'updateTime') throw unknownHere('conflict detection by update time');
    if (operation === 'delete') {
      checkKey(mutation.delete!);
      return mutation;
    }
    const entity = mutation[operation];
    if (!entity) throw unknownHere(`a mutation that is ${operation}`);
    checkKey(entity.key);
    checkEntity(entity);
    return { ...mutation, [operation]: kept(entity) };
  }

  #look(request: QueryRequest, asked: Asked, view: View) {
    const partition = this.#partition(request, request.partitionId);
    const { kind, conditions, ancestor, orders } = asked;
    const id = JSON.stringify([partition, kind, conditions, ancestor?.text, orders], (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    const seen = (version: number) =>
      this.#matching(id, asked, partition, version)
        .map(({ stored }) => `${stored.key.text}@${stored.version}`)
        .join('\n');
    const { transaction } = view;
    if (transaction && !transaction.readOnly && !transaction.looks.some((look) => look.id === id))
      transaction.looks.push({
        id,
        seen,
        was: seen(view.version),
        covers: (of, key, entities) => of === partition && key.kind === kind && matching(asked, entities).length > 0,
      });
    return this.#matching(id, asked, partition, view.version);
  }

  // The batches of a query come one after the other: the last few answers are kept.
  readonly #answers = new Map<string, ReturnType<typeof matching>>();

  #matching(id: string, asked: Asked, partition: string, version: number): ReturnType<typeof matching> {
    const at = `${version} ${id}`;
    const there = this.#answers.get(at);
    if (there) return there;
    const all: Iterable<Stored> =
      asked.kind === '__kind__'
        ? this.store.kinds(partition, version).map((name) => kindEntity(name))
        : this.store.ofKind(partition, asked.kind, version);
    const found = matching(asked, all);
    if (this.#answers.size >= 8) this.#answers.delete(this.#answers.keys().next().value!);
    this.#answers.set(at, found);
    return found;
  }

  #begin(options: WireTransactionOptions | undefined): Transaction {
    if (options?.readOnly?.readTime) throw unknownHere('reads of the past');
    return this.store.begin(options?.mode === 'readOnly');
  }

  #view(options: WireReadOptions | undefined): View {
    const { version } = this.store;
    switch (options?.consistencyType) {
      case 'transaction': {
        const transaction = this.store.transaction(options.transaction!);
        return { version: transaction.snapshot, transaction, begun: false };
      }
      case 'newTransaction':
        return { version, transaction: this.#begin(options.newTransaction), begun: true };
      case 'readTime':
        throw unknownHere('reads of the past');
      default:
        if (options?.readConsistency === 'EVENTUAL') throw unknownHere('eventual reads');
        return { version, transaction: undefined, begun: false };
    }
  }

  #partition({ projectId, databaseId = '' }: Of, partition: WirePartition | undefined): string {
    if (!projectId) throw new Refusal('INVALID_ARGUMENT', 'the project id is missing');
    const of = partition?.projectId ?? projectId;
    if (of !== projectId || (partition?.databaseId ?? databaseId) !== databaseId)
      throw new Refusal('INVALID_ARGUMENT', 'mismatched databases within request');
    return partitionOf(projectId, databaseId, partition?.namespaceId ?? '');
  }
}

const begun = ({ begun, transaction }: View) => (begun ? { transaction: Buffer.from(transaction!.id, 'base64') } : {});

function kindEntity(name: string): Stored {
  const key = { path: [{ kind: '__kind__', name }] };
  return { key: storedKey(key), version: 1, entity: { key, properties: {} } };
}
