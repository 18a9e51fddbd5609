import { describe, expect, test } from '@jest/globals';
import { StoreUnavailableError } from '../../src/core/errors.js';
import { type FallbackDriver, StoreFault } from '../../src/core/fallback-driver.js';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { outboxSchema } from '../../src/outbox-schema.js';
import { fakeClock } from '../../src/testing/fake-clock.js';
import { sampleKey, sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';
import { Outbox } from '../../src/tiers/outbox.js';
import { type Fenced, fenced } from '../support/fenced.js';
import { until } from '../support/until.js';

const make = () => fenced(async (clock) => memoryHotStore({ clock }));
/** A save of 2 that stands before it stores its row. */
async function commitNotDelivered(tiers: Fenced) {
  const commit = tiers.hot.faults.gate('commit', 'before');
  const saving = tiers.save(2);
  await commit.reached;
  const row = tiers.durable.faults.gate('write', 'before');
  tiers.hot.faults.failNext('commit', cut());
  commit.open();
  return { saving, row };
}

const cut = () => new StoreFault('cut', 'none');

describe('a write that the hot tier was not told of', () => {
  test('leaves a row for each key, until the hot tier has dropped them', async () => {
    const tiers = await make();
    await tiers.save(0);
    tiers.hot.faults.down();
    for (let n = 1; n <= 3; n++) await tiers.save(n);
    expect(await tiers.outboxRows()).toBe(3);
    tiers.hot.faults.up();
    await tiers.clock.advance(1000);
    await until('the rows are gone', async () => (await tiers.outboxRows()) === 0);
    expect(await tiers.hotState()).toBe('fill');
    expect(await tiers.read()).toBe(3);
  });

  test('leaves no row where nothing was written', async () => {
    const tiers = await make();
    tiers.hot.faults.down();
    await tiers.save(1);
    await tiers.change({ type: 'put', row: [2], expect: 'absent' } as never);
    expect(await tiers.outboxRows()).toBe(1);
  });

  test('is seen to by another process when its own is gone', async () => {
    const tiers = await make();
    const other = await tiers.another();
    await tiers.save(1);
    expect(await other.read()).toBe(1);
    tiers.hot.faults.down();
    await tiers.save(2);
    await tiers.store.close();
    await tiers.clock.advance(1000);
    await until('the row is gone', async () => (await tiers.outboxRows()) === 0);
    expect(await other.read()).toBe(2);
  });

  test('is not undone by a process that starts before its row was seen to', async () => {
    const tiers = await make();
    await tiers.save(1);
    tiers.hot.faults.down();
    await tiers.save(2);
    expect(await tiers.hotState()).toBe(1);
    const started = await tiers.another();
    expect(await started.read()).toBe(2);
    expect(await tiers.outboxRows()).toBe(0);
  });

  test('whose commit was not delivered leaves a row before it is acknowledged', async () => {
    const tiers = await make();
    const other = await tiers.another();
    await tiers.save(1);
    let acknowledged = false;
    const { saving, row } = await commitNotDelivered(tiers);
    void saving.then(() => {
      acknowledged = true;
    });
    await row.reached;
    expect(acknowledged).toBe(false);
    row.open();
    await saving;
    await tiers.clock.advance(1000);
    await until('the row is gone', async () => (await tiers.outboxRows()) === 0);
    expect(await other.read()).toBe(2);
  });

  test('is not acknowledged where its row cannot be stored either, and is made known when it can be', async () => {
    const tiers = await make();
    const other = await tiers.another();
    await tiers.save(1);
    const { saving, row } = await commitNotDelivered(tiers);
    await row.reached;
    tiers.durable.faults.down();
    row.open();
    await expect(saving).rejects.toThrow(StoreUnavailableError);
    await expect(saving).rejects.toMatchObject({ outcomeUnknown: true });
    tiers.durable.faults.up();
    await tiers.clock.advance(1000);
    await until('the entry is dropped', async () => (await tiers.hotState()) === 'fill');
    expect(await other.read()).toBe(2);
  });

  test('that failed leaves no lock behind, though it could not take it away', async () => {
    const tiers = await make();
    await tiers.save(1);
    const gate = tiers.durable.faults.gate('write', 'before');
    const saving = tiers.save(2);
    await gate.reached;
    tiers.hot.faults.down();
    tiers.durable.faults.failNext('write', cut(), 'before');
    gate.open();
    await saving.catch(() => {});
    tiers.hot.faults.up();
    await tiers.clock.advance(1000);
    await until('no lock is left', async () => (await tiers.hotState()) === 'fill');
  });

  test('does not set a value when its begin and its commit both arrive a second time', async () => {
    const tiers = await make();
    await tiers.save(0);
    const { store } = tiers.hot;
    // A client that sends again what it has no answer for: both steps were made, and are made once more after another write.
    let token = '';
    const begin = store.begin.bind(store);
    const sent: (() => Promise<unknown>)[] = [];
    const resends = {
      ...store,
      begin: async (...args: Parameters<typeof begin>) => {
        token = args[2];
        await begin(...args);
        sent.push(() => begin(...args));
        return args[1].map(() => ({ error: new StoreFault('no answer', 'unknown') }));
      },
      commit: async (...args: Parameters<typeof store.commit>) => {
        await store.commit(...args);
        sent.push(() => store.commit(...args));
        return args[1].map(() => ({ error: new StoreFault('no answer', 'unknown') }));
      },
      abandon: async (...args: Parameters<typeof store.abandon>) => {
        await store.abandon(...args);
        sent.push(() => store.abandon(...args));
        return args[1].map(() => ({ error: new StoreFault('no answer', 'unknown') }));
      },
    };
    const writer = await tiers.another(() => resends);
    await writer.save(1);
    expect(token).not.toBe('');
    await tiers.save(2);
    for (const again of sent) await again();
    expect(await (await tiers.another()).read()).toBe(2);
  });
});

describe('a process that has lost the hot tier', () => {
  test('asks it nothing before the outbox has been drained', async () => {
    const tiers = await make();
    const other = await tiers.another();
    await tiers.save(1);
    tiers.hot.faults.down();
    other.hot.faults.down();
    expect(await tiers.read()).toBe(1);
    await other.save(2);
    await other.store.close();
    const scan = tiers.durable.faults.gate('scan', 'before');
    tiers.hot.faults.up();
    await tiers.clock.advance(1000);
    await scan.reached;
    const asked = tiers.hot.faults.calls.read;
    expect(await tiers.read()).toBe(2);
    expect(tiers.hot.faults.calls.read).toBe(asked);
    scan.open();
    await until('it is trusted', () => tiers.store.status().hot.state === 'up');
    expect(await tiers.read()).toBe(2);
    expect(tiers.hot.faults.calls.read).toBe(asked + 1);
  });

  test('does not trust it again by a drain that began before the last loss', async () => {
    const tiers = await make();
    await tiers.save(1);
    tiers.hot.faults.failNext('read', cut());
    const scan = tiers.durable.faults.gate('scan', 'after');
    await tiers.clock.advance(200);
    await tiers.read();
    await scan.reached;
    tiers.hot.faults.failNext('begin', cut());
    await tiers.save(2);
    scan.open();
    await tiers.clock.advance(0);
    expect(tiers.store.status().hot.state).toBe('recovering');
    await tiers.clock.advance(1000);
    await until('it is trusted', () => tiers.store.status().hot.state === 'up');
    expect(await tiers.outboxRows()).toBe(0);
    expect(await tiers.read()).toBe(2);
  });

  test('does not trust it while the outbox cannot be read', async () => {
    const tiers = await make();
    await tiers.save(1);
    tiers.durable.faults.failNext('scan', cut());
    tiers.hot.faults.failNext('read', cut());
    await tiers.clock.advance(200);
    expect(await tiers.read()).toBe(1);
    await tiers.clock.advance(0);
    expect(tiers.store.status()).toMatchObject({ hot: { state: 'recovering' }, durable: { state: 'down' } });
    await tiers.clock.advance(1000);
    await until('it is trusted', () => tiers.store.status().hot.state === 'up');
    expect(tiers.store.status().durable.state).toBe('up');
  });

  test('drops what it read from it before the loss was known', async () => {
    const tiers = await make();
    const other = await tiers.another();
    await tiers.save(1);
    const answer = tiers.hot.faults.gate('read', 'after');
    const reading = tiers.read();
    await answer.reached;
    other.hot.faults.down();
    await other.save(2);
    tiers.hot.faults.failNext('begin', cut());
    tiers.hot.faults.failNext('places', cut());
    await tiers.change({ type: 'put', row: [3], expect: 'absent' } as never);
    answer.open();
    expect(await reading).toBe(2);
  });
});

describe('the outbox', () => {
  test('is drained by several at once without harm', async () => {
    const tiers = await make();
    const others = [await tiers.another(), await tiers.another()];
    tiers.hot.faults.down();
    await tiers.save(1);
    await tiers.store.close();
    const gates = others.map((other) => other.hot.faults.gate('abandon', 'after'));
    const advanced = tiers.clock.advance(1000);
    await Promise.all(gates.map(({ reached }) => reached));
    for (const gate of gates) gate.open();
    await advanced;
    await until('the row is gone', async () => (await tiers.outboxRows()) === 0);
    await others[0]!.save(2);
    expect(await others[1]!.read()).toBe(2);
    expect(await tiers.hotState()).toBe(2);
  });

  test('is drained again where a drainer ended before it deleted the rows', async () => {
    const tiers = await make();
    const other = await tiers.another();
    tiers.hot.faults.down();
    await tiers.save(1);
    await tiers.store.close();
    other.durable.faults.failNext('write', cut());
    await tiers.clock.advance(1000);
    await until('the drop was made', () => other.hot.faults.calls.abandon === 1);
    expect(await tiers.outboxRows()).toBe(1);
    await tiers.clock.advance(1000);
    await until('the row is gone', async () => (await tiers.outboxRows()) === 0);
  });

  test('of another hot tier, or of entities that are not known here, is left alone', async () => {
    const clock = fakeClock(0);
    const driver = memoryDriver();
    const [known, unknown] = [sampleSchema({ name: 'known' }), sampleSchema({ name: 'unknown' })];
    await driver.open([outboxSchema], { synchronize: undefined, clock, logger: console, statementTimeout: 3000 });
    const box = (scope: string, schemas = [known]) =>
      new Outbox({ driver, schema: outboxSchema, scope, schemas, clock, recent: 0 });
    const [one, two] = [box('one', [known, unknown]), box('two')];
    await one.store([...one.keep(known, [sampleKey('a')], 't1'), ...one.keep(unknown, [sampleKey('b')], 't2')]);
    await two.store(two.keep(known, [sampleKey('c')], 't3'));
    const found: string[] = [];
    for await (const page of box('one').pages(false)) found.push(...page.map(({ key, token }) => `${key.id} ${token}`));
    expect(found).toEqual(['a t1']);
  });

  test('holds its rows before the change in a store without transactions', async () => {
    const clock = fakeClock(0);
    const memory = memoryDriver();
    const written: string[] = [];
    const driver: FallbackDriver = {
      name: 'plain',
      capabilities: { ...memory.capabilities, transactions: false },
      open: (...args) => memory.open(...args),
      read: (...args) => memory.read(...args),
      write: (changes) => {
        written.push(changes.map(({ schema }) => schema.name).join());
        return memory.write(changes);
      },
      scan: (schema) => memory.scan(schema),
      count: (schema) => memory.count(schema),
      close: () => memory.close(),
    };
    const schema = sampleSchema({ name: 'thing', fields: { n: 'integer' } });
    await driver.open([schema, outboxSchema], { synchronize: true, clock, logger: console, statementTimeout: 3000 });
    const box = new Outbox({ driver, schema: outboxSchema, scope: 's', schemas: [schema], clock, recent: 0 });
    const key = sampleKey('k');
    const change = { type: 'put', row: sampleRow(schema, { n: 1 }) };
    await box.write([{ schema, key, change }], box.rows(schema, [key], 't'));
    expect(written).toEqual(['holdfast_outbox', 'thing']);
  });

  test('holds its rows before the change where both are more than the store takes at once', async () => {
    const clock = fakeClock(0);
    const memory = memoryDriver();
    const written: string[] = [];
    const driver: FallbackDriver = {
      ...memory,
      name: 'small',
      capabilities: { ...memory.capabilities, keysAtOnce: 3 },
      open: (...args) => memory.open(...args),
      write: (changes) => {
        written.push(changes.map(({ schema }) => schema.name).join());
        return memory.write(changes);
      },
    };
    const schema = sampleSchema({ name: 'thing', fields: { n: 'integer' } });
    await driver.open([schema, outboxSchema], { synchronize: true, clock, logger: console, statementTimeout: 3000 });
    const box = new Outbox({ driver, schema: outboxSchema, scope: 's', schemas: [schema], clock, recent: 0 });
    const change = { type: 'put', row: sampleRow(schema, { n: 1 }) };
    const save = (...ids: readonly string[]) => {
      const keys = ids.map((id) => sampleKey(id));
      return box.write(
        keys.map((key) => ({ schema, key, change })),
        box.rows(schema, keys, 't'),
      );
    };
    await save('a');
    await save('a', 'b', 'c');
    expect(written).toEqual([
      'thing,holdfast_outbox',
      'holdfast_outbox,holdfast_outbox,holdfast_outbox',
      'thing,thing,thing',
    ]);
  });
});
