import { expect, test } from '@jest/globals';
import { DatastoreService } from '../../support/datastore/service.js';
import { codes, type WireMutation, type WireQuery, type WireValue } from '../../support/datastore/wire.js';

// The server that the tests run on must refuse what the service refuses, or they show nothing.

const of = { projectId: 'p' };
const key = (name: string, kind = 'thing') => ({ path: [{ kind, name }] });
const text = (stringValue: string, excludeFromIndexes = false): WireValue => ({
  valueType: 'stringValue',
  stringValue,
  excludeFromIndexes,
});
const upsert = (name: string, properties: Record<string, WireValue> = {}): WireMutation => ({
  operation: 'upsert',
  upsert: { key: key(name), properties },
});
const filter = (name: string, op: string, value: WireValue): NonNullable<WireQuery['filter']> => ({
  filterType: 'propertyFilter',
  propertyFilter: { property: { name }, op, value },
});
const and = (...filters: NonNullable<WireQuery['filter']>[]): NonNullable<WireQuery['filter']> => ({
  filterType: 'compositeFilter',
  compositeFilter: { op: 'AND', filters },
});
const query = (more: Partial<WireQuery> = {}): WireQuery => ({
  projection: [],
  kind: [{ name: 'thing' }],
  order: [],
  distinctOn: [],
  ...more,
});
const keyFilter = (op: string, name: string) => filter('__key__', op, { valueType: 'keyValue', keyValue: key(name) });
const ask = (service: DatastoreService, asked: WireQuery) =>
  service.RunQuery({ ...of, query: asked }).batch.entityResults.map(({ entity }) => entity.key.path[0]!.name);
const commit = (service: DatastoreService, ...mutations: WireMutation[]) =>
  service.Commit({ ...of, mode: 'NON_TRANSACTIONAL', mutations });
const refusal = (code: keyof typeof codes) => expect.objectContaining({ code: codes[code] });

test('a query that no index of one property answers is refused', () => {
  const service = new DatastoreService();
  const order = (name: string, direction = 'ASCENDING') => [{ property: { name }, direction }];
  const needing = [
    query({ filter: and(filter('a', 'EQUAL', text('x')), filter('b', 'GREATER_THAN', text('x'))) }),
    query({ filter: and(filter('a', 'LESS_THAN', text('x')), filter('b', 'GREATER_THAN', text('x'))) }),
    query({ filter: filter('a', 'EQUAL', text('x')), order: order('b') }),
    query({ filter: filter('a', 'GREATER_THAN', text('x')), order: order('b') }),
    query({ filter: and(keyFilter('HAS_ANCESTOR', 'x'), filter('a', 'GREATER_THAN', text('x'))) }),
    query({ filter: keyFilter('GREATER_THAN', 'x'), order: order('a') }),
    query({ order: [...order('a'), ...order('b')] }),
    query({ order: order('__key__', 'DESCENDING') }),
  ];
  for (const asked of needing) expect(() => ask(service, asked)).toThrow(refusal('FAILED_PRECONDITION'));
});

test('a property without an index finds nothing, by a filter as by an order', () => {
  const service = new DatastoreService();
  commit(service, upsert('a', { x: text('1') }), upsert('b', { x: text('2', true) }), upsert('c'));
  expect(ask(service, query())).toEqual(['a', 'b', 'c']);
  expect(ask(service, query({ filter: filter('x', 'EQUAL', text('2')) }))).toEqual([]);
  expect(ask(service, query({ order: [{ property: { name: 'x' }, direction: 'DESCENDING' }] }))).toEqual(['a']);
});

test('texts and names are in the order of their bytes', () => {
  const service = new DatastoreService();
  const names = ['Z', 'a', 'é', '\uff5e', '😀'];
  commit(service, ...[...names].reverse().map((name) => upsert(name, { x: text(name) })));
  expect(ask(service, query())).toEqual(names);
  expect(ask(service, query({ order: [{ property: { name: 'x' }, direction: 'DESCENDING' }] }))).toEqual(
    names.toReversed(),
  );
});

test('batches of a query go on where the last one ended, whatever was written in between', () => {
  const service = new DatastoreService({ batch: 2 });
  commit(service, ...['a', 'b', 'c', 'd', 'e'].map((name) => upsert(name)));
  const batches: unknown[] = [];
  let startCursor: Buffer | undefined;
  for (;;) {
    const { batch } = service.RunQuery({
      ...of,
      query: query({ limit: { value: 10 }, ...(startCursor && { startCursor }) }),
    });
    batches.push(batch.entityResults.map(({ entity }) => entity.key.path[0]!.name));
    startCursor = batch.endCursor;
    commit(service, upsert(`a${batches.length}`), upsert(`dd${batches.length}`));
    if (batch.moreResults !== 'NOT_FINISHED') break;
  }
  expect(batches).toEqual([
    ['a', 'b'],
    ['c', 'd'],
    ['dd1', 'dd2'],
    ['dd3', 'e'],
  ]);
});

test('a transaction whose reads do not hold any more is aborted: of keys there and not there, of queries and counts', () => {
  const aggregation = { nestedQuery: query(), aggregations: [{ operator: 'count', count: {}, alias: 'n' }] };
  const reads: ((service: DatastoreService, transaction: Buffer) => unknown)[] = [
    (service, transaction) =>
      service.Lookup({ ...of, readOptions: { consistencyType: 'transaction', transaction }, keys: [key('a')] }),
    (service, transaction) =>
      service.Lookup({ ...of, readOptions: { consistencyType: 'transaction', transaction }, keys: [key('new')] }),
    (service, transaction) =>
      service.RunQuery({ ...of, readOptions: { consistencyType: 'transaction', transaction }, query: query() }),
    (service, transaction) =>
      service.RunAggregationQuery({
        ...of,
        readOptions: { consistencyType: 'transaction', transaction },
        aggregationQuery: aggregation,
      }),
  ];
  for (const read of reads) {
    const service = new DatastoreService();
    commit(service, upsert('a'));
    const { transaction } = service.BeginTransaction(of);
    read(service, transaction);
    commit(service, upsert('a'), upsert('new'));
    const late = () => service.Commit({ ...of, mode: 'TRANSACTIONAL', transaction, mutations: [upsert('b')] });
    expect(late).toThrow(refusal('ABORTED'));
    expect(late).toThrow(refusal('INVALID_ARGUMENT'));
    expect(ask(service, query())).toEqual(['a', 'new']);
  }
});

test('a transaction sees the store as it was when it began, and others nothing of it until it is committed', () => {
  const service = new DatastoreService();
  commit(service, upsert('a'));
  const { transaction } = service.BeginTransaction({ ...of, transactionOptions: { mode: 'readOnly' } });
  commit(service, upsert('b'));
  const readOptions = { consistencyType: 'transaction', transaction } as const;
  expect(service.RunQuery({ ...of, readOptions, query: query() }).batch.entityResults).toHaveLength(1);
  expect(service.Lookup({ ...of, readOptions, keys: [key('b')] }).missing).toHaveLength(1);
  expect(() => service.Commit({ ...of, mode: 'TRANSACTIONAL', transaction, mutations: [upsert('c')] })).toThrow(
    refusal('INVALID_ARGUMENT'),
  );
});

test('an insert over an entity, an update of none, and another base version are told, and a commit is all or none', () => {
  const service = new DatastoreService();
  commit(service, upsert('a'));
  const entity = { key: key('a'), properties: {} };
  expect(() => commit(service, upsert('b'), { operation: 'insert', insert: entity })).toThrow(
    refusal('ALREADY_EXISTS'),
  );
  expect(ask(service, query())).toEqual(['a']);
  const none = { key: key('none'), properties: {} };
  expect(() => commit(service, { operation: 'update', update: none })).toThrow(refusal('NOT_FOUND'));
  const [{ version }] = service.Lookup({ ...of, keys: [key('a')] }).found as [{ version: string }];
  const update = (baseVersion: string): WireMutation => ({ operation: 'update', update: entity, baseVersion });
  expect(commit(service, update(version)).mutationResults[0]!.conflictDetected).toBe(false);
  expect(commit(service, update(version)).mutationResults[0]!.conflictDetected).toBe(true);
});

test('what is over the limits, or reserved, is refused', () => {
  const service = new DatastoreService();
  const long = 'x'.repeat(1501);
  const many = (count: number) => Array.from({ length: count }, (_, at) => `k${at}`);
  const refused = [
    () => commit(service, ...many(501).map((name) => upsert(name))),
    () => service.Lookup({ ...of, keys: many(1001).map((name) => key(name)) }),
    () => commit(service, upsert('')),
    () => commit(service, upsert('__a__')),
    () => commit(service, upsert(long)),
    () => commit(service, upsert('a', { x: text(long) })),
    () => commit(service, upsert('a', { x: text('x'.repeat(2 ** 20), true) })),
    () => commit(service, upsert('a', { x: text('x'.repeat(600_000), true), y: text('x'.repeat(600_000), true) })),
    () => commit(service, upsert('a', { __x__: text('') })),
  ];
  for (const one of refused) expect(one).toThrow(refusal('INVALID_ARGUMENT'));
  commit(service, upsert('a', { x: text(long, true) }));
});

test('what the server does not know it refuses, so that nobody takes its answer for one of the service', () => {
  const service = new DatastoreService();
  const unknown = [
    () => ask(service, query({ kind: [] })),
    () => ask(service, query({ projection: [{ property: { name: 'x' } }] })),
    () => ask(service, query({ filter: filter('x', 'IN', text('a')) })),
    () => commit(service, upsert('a'), upsert('a')),
    () => service.Lookup({ ...of, keys: [key('a')], propertyMask: {} }),
    () => service.Lookup({ ...of, keys: [key('a')], readOptions: { consistencyType: 'readTime' } }),
    () => service.ReserveIds(),
  ];
  for (const one of unknown) expect(one).toThrow(refusal('UNIMPLEMENTED'));
});

test('ids that are allocated are never given twice', () => {
  const service = new DatastoreService();
  const { keys } = service.AllocateIds({ ...of, keys: [{ path: [{ kind: 'thing' }] }, { path: [{ kind: 'thing' }] }] });
  expect(new Set(keys.map(({ path }) => path[0]!.id)).size).toBe(2);
});
