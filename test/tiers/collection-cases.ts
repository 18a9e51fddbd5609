import { isDeepStrictEqual as same } from 'node:util';
import { expect, test } from '@jest/globals';
import type { Clock } from '../../src/core/clock.js';
import type { CollectionQuery } from '../../src/core/collection.js';
import { StoreFault } from '../../src/core/fallback-driver.js';
import type { HotStore } from '../../src/core/hot-store.js';
import { keyOf } from '../../src/core/key-text.js';
import type { Change } from '../../src/core/kind.js';
import type { Schema } from '../../src/core/schema.js';
import { type Fenced, fenced } from '../support/fenced.js';
import { add, first, playlistSchema, put, remove, type Tracks, tracksOf } from '../support/playlist.js';
import { until } from '../support/until.js';

/** A process that reads and writes one playlist. */
interface Player extends Omit<Fenced, 'read' | 'another'> {
  read(query?: CollectionQuery): Promise<Tracks | null>;
  durable: Fenced['durable'];
  another(): Promise<Player>;
  /** What the hot tier has, or its state. */
  hotTracks(): Promise<Tracks | string | null>;
}

function player(tiers: Fenced): Player {
  const { store, schema, key } = tiers;
  return {
    ...tiers,
    read: (query) =>
      new Promise((resolve, reject) =>
        store.load(schema, [key], query && [query], (_, error, entry) =>
          error === undefined ? resolve(tracksOf(entry, query)) : reject(error),
        ),
      ),
    another: async () => player(await tiers.another()),
    async hotTracks() {
      const [peeked] = await tiers.hot.store.peek(schema, [key]);
      return peeked!.state === 'value' ? tracksOf({ value: peeked!.value }) : peeked!.state;
    },
  };
}

/**
 * What the fenced protocol promises of collections, each race made to happen with gates; on every hot tier. The end of a lock only
 * where the hot tier goes by the clock of the test: that of Redis itself is in the conformance suite of hot stores.
 */
export function collectionCases(
  makeHot: (clock: Clock, schema: Schema) => Promise<HotStore>,
  { sameClock }: { readonly sameClock: boolean },
): void {
  const make = async (schema = playlistSchema()) => player(await fenced(makeHot, schema));

  /** Two processes, and a playlist that is hot. */
  async function two(tracks: Tracks = { a: 1, b: 2 }): Promise<readonly [Player, Player]> {
    const one = await make();
    await one.change(put(tracks));
    expect(await one.hotTracks()).toEqual(tracks);
    return [one, await one.another()];
  }

  /** Asks for the first track of what is cold; what warms it then stands at a gate. */
  async function coldPage(process: Player) {
    const asked = process.durable.faults.gate('read');
    const reading = process.read(first(1));
    await asked.reached;
    const gate = process.durable.faults.gate('read');
    asked.open();
    const page = await reading;
    await gate.reached;
    return { page, gate };
  }

  /** Until nobody fills it. */
  const idle = (process: Player) => until('nobody fills it', async () => (await process.hotTracks()) !== 'busy');

  /** Lets `during` happen between the durable write of a change and the commit of it. */
  async function inTheMiddleOf(writer: Player, change: Change, during: () => Promise<void>): Promise<void> {
    const gate = writer.durable.faults.gate('write', 'after');
    const written = writer.change(change);
    await gate.reached;
    await during();
    gate.open();
    await written;
  }

  test('a member that is added is hot at once, without reading anything', async () => {
    const [one] = await two();
    await one.change(add({ c: 3 }));
    await one.change(remove('a'));
    expect(await one.hotTracks()).toEqual({ b: 2, c: 3 });
    expect(await one.read(first(1))).toEqual({ b: 2 });
    expect(one.durable.faults.calls.read).toBe(0);
  });

  test('writers of other members do not make it cold, in whatever order they end', async () => {
    for (const firstOut of [0, 1]) {
      const [one, other] = await two();
      const reads = one.durable.faults.calls.read;
      const gates = [one, other].map((process) => process.durable.faults.gate('write', 'after'));
      const writes = [one.change(add({ c: 3 })), other.change(remove('a'))];
      await Promise.all(gates.map(({ reached }) => reached));
      expect(await one.read()).toEqual({ a: 1, b: 2 });
      gates[firstOut]!.open();
      await writes[firstOut];
      expect(await other.read()).toEqual(firstOut === 0 ? { a: 1, b: 2, c: 3 } : { b: 2 });
      gates[1 - firstOut]!.open();
      await Promise.all(writes);
      expect(await one.hotTracks()).toEqual({ b: 2, c: 3 });
      expect(one.durable.faults.calls.read).toBe(reads);
    }
  });

  test('of two writers of one member, what lies beneath is not served, and it is read again', async () => {
    const [one, other] = await two();
    await inTheMiddleOf(one, add({ c: 3 }), async () => {
      await other.change(add({ c: 4 }));
      expect(await other.read()).toEqual({ a: 1, b: 2, c: 4 });
      expect(await one.hotTracks()).toBe('busy');
    });
    expect(await one.hotTracks()).toBe('cold');
    expect(await one.read()).toEqual({ a: 1, b: 2, c: 4 });
  });

  test('a put of the whole meets every writer of a member', async () => {
    const [one, other] = await two();
    await inTheMiddleOf(one, add({ c: 3 }), async () => {
      await other.change(put({ z: 26 }));
    });
    expect(await one.hotTracks()).toBe('cold');
    expect(await one.read()).toEqual({ z: 26 });
    await inTheMiddleOf(one, put({ y: 25 }), async () => {
      await other.change(add({ x: 24 }));
    });
    expect(await one.hotTracks()).toBe('cold');
    expect(await one.read()).toEqual({ x: 24, y: 25 });
  });

  test('a put of the whole that ends after a writer of a member does not undo what he wrote', async () => {
    const [one, other] = await two();
    const landed = one.durable.faults.gate('write', 'after');
    const adding = other.durable.faults.gate('write', 'before');
    const added = other.change(add({ c: 3 }));
    await adding.reached;
    const putting = one.change(put({ z: 26 }));
    await landed.reached;
    adding.open();
    await added;
    expect(await other.read()).toEqual({ c: 3, z: 26 });
    landed.open();
    await putting;
    expect(await other.read()).toEqual({ c: 3, z: 26 });
  });

  test('a member that is added to what is cold leaves it cold', async () => {
    const one = await make();
    await one.change(put({ a: 1 }));
    await one.store.drop(one.schema, [one.key]);
    await one.change(add({ b: 2 }));
    expect(await one.hotTracks()).toBe('cold');
    expect(await one.read()).toEqual({ a: 1, b: 2 });
  });

  test('a member that is added to what is known not to exist makes it known again', async () => {
    const one = await make();
    expect(await one.read()).toBe(null);
    await one.store.close();
    expect(await one.hotTracks()).toBe('absent');
    await one.change(add({ a: 1 }));
    expect(await one.hotTracks()).toBe('cold');
    expect(await one.read()).toEqual({ a: 1 });
  });

  test('the last member that is removed leaves an empty collection, hot and durable', async () => {
    const [one] = await two({ a: 1 });
    await one.change(remove('a'));
    expect(await one.hotTracks()).toEqual({});
    expect(await one.read(first(10))).toEqual({});
    await one.store.drop(one.schema, [one.key]);
    expect(await one.read()).toEqual({});
    await one.change(add({ b: 2 }));
    expect(await one.read()).toEqual({ b: 2 });
  });

  test('a write of several changes of one collection leaves all of them hot', async () => {
    const [one] = await two();
    const write = (...changes: Change[]) =>
      one.store.write(
        changes.map((change) => ({ schema: one.schema, key: one.key, change })),
        'set',
      );
    await write(add({ c: 3 }), remove('a'), add({ c: 4 }));
    expect(await one.hotTracks()).toEqual({ b: 2, c: 4 });
    await write(put({ x: 1 }), add({ y: 2 }), remove('x'));
    expect(await one.hotTracks()).toEqual({ y: 2 });
    await write(add({ z: 3 }), { type: 'delete' }, add({ n: 1 }));
    expect(await one.read()).toEqual({ n: 1 });
  });

  test('a page of what is cold is asked of the durable store alone, and warms it for the next', async () => {
    const one = await make();
    await one.change(put({ a: 1, b: 2, c: 3 }));
    await one.store.drop(one.schema, [one.key]);
    const { page, gate } = await coldPage(one);
    expect(page).toEqual({ a: 1 });
    expect(await one.read(first(2))).toEqual({ a: 1, b: 2 });
    gate.open();
    await idle(one);
    expect(await one.hotTracks()).toEqual({ a: 1, b: 2, c: 3 });
    const { read } = one.durable.faults.calls;
    expect(await one.read(first(2))).toEqual({ a: 1, b: 2 });
    expect(await one.read(first(0))).toEqual({});
    expect(one.durable.faults.calls.read).toBe(read);
  });

  test('warming that a write came between leaves nothing old', async () => {
    const one = await make();
    const other = await one.another();
    await one.change(put({ a: 1 }));
    await one.store.drop(one.schema, [one.key]);
    const { page, gate } = await coldPage(one);
    expect(page).toEqual({ a: 1 });
    const read = one.durable.faults.gate('read', 'after');
    gate.open();
    await read.reached;
    await other.change(add({ b: 2 }));
    read.open();
    await idle(one);
    expect(await one.hotTracks()).toBe('cold');
    expect(await other.read()).toEqual({ a: 1, b: 2 });
  });

  const many = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`track ${String(n).padStart(4, '0')}`, n]));

  test('a large collection is warmed page by page, and whole or not at all', async () => {
    const one = await make();
    await one.change(put(many));
    await one.store.drop(one.schema, [one.key]);
    expect(await one.read(first(1))).toEqual({ 'track 0000': 0 });
    await idle(one);
    expect(same(await one.hotTracks(), many)).toBe(true);

    const other = await make();
    await other.change(put(many));
    await other.store.drop(other.schema, [other.key]);
    const { gate } = await coldPage(other);
    const second = other.durable.faults.gate('read');
    gate.open();
    await second.reached;
    await (await other.another()).change(add({ late: -1 }));
    second.open();
    await idle(other);
    expect(await other.hotTracks()).toBe('cold');
    expect(await other.read(first(1))).toEqual({ late: -1 });
  });

  test('a change that the hot tier was not told of is read from the durable store, also after it is back', async () => {
    const [one] = await two();
    one.hot.faults.down(new StoreFault('away', 'none'));
    await one.change(add({ c: 3 }));
    expect(await one.read()).toEqual({ a: 1, b: 2, c: 3 });
    one.hot.faults.up();
    await until('the outbox is empty', async () => {
      await one.clock.advance(1000);
      return (await one.outboxRows()) === 0;
    });
    expect(await one.read()).toEqual({ a: 1, b: 2, c: 3 });
    await idle(one);
    expect(await one.hotTracks()).toEqual({ a: 1, b: 2, c: 3 });
  });

  test('what is asked of several collections in one turn is answered each for itself', async () => {
    const one = await make();
    const keys = ['k', 'l', 'k', 'm'].map((id) => keyOf([id]));
    await one.change(put({ a: 1, b: 2 }));
    await one.store.write([{ schema: one.schema, key: keys[1]!, change: put({ c: 3, d: 4 }) }], 'set');
    for (const cold of [false, true]) {
      if (cold) await one.store.drop(one.schema, keys);
      const queries = [first(1), first(2), undefined, first(1)];
      const answers = await new Promise((resolve) => {
        const told: unknown[] = [];
        one.store.load(one.schema, keys, queries, (index, error, entry) => {
          told[index] = error ?? tracksOf(entry, queries[index]);
          if (Object.keys(told).length === keys.length) resolve(told);
        });
      });
      expect(answers).toEqual([{ a: 1 }, { c: 3, d: 4 }, { a: 1, b: 2 }, null]);
    }
  });

  if (!sameClock) return;

  test('a writer of a member who was killed is not waited for, and what he wrote comes to light', async () => {
    const [one, other] = await two();
    const gate = one.durable.faults.gate('write', 'after');
    const killed = one.change(add({ c: 3 }));
    await gate.reached;
    // The killed one renews nothing: his process is the one whose steps do not arrive any more.
    one.hot.faults.down(new StoreFault('killed', 'none'));
    await one.clock.advance(1100);
    await other.change(add({ d: 4 }));
    expect(await other.read()).toEqual({ a: 1, b: 2, c: 3, d: 4 });
    await one.clock.advance(10_000);
    expect(await other.read()).toEqual({ a: 1, b: 2, c: 3, d: 4 });
    one.hot.faults.up();
    gate.open();
    await killed;
    expect(await other.read()).toEqual({ a: 1, b: 2, c: 3, d: 4 });
  });

  test('what a killed writer of another member left is not missing from what is hot', async () => {
    const [one, other] = await two();
    const gate = one.durable.faults.gate('write', 'after');
    const killed = one.change(add({ c: 3 }));
    await gate.reached;
    one.hot.faults.down(new StoreFault('killed', 'none'));
    await one.clock.advance(9500);
    // His time is over between the begin and the commit of this one.
    await inTheMiddleOf(other, add({ d: 4 }), async () => {
      expect(await other.read()).toEqual({ a: 1, b: 2, c: 3, d: 4 });
      await one.clock.advance(1000);
    });
    expect(await other.read()).toEqual({ a: 1, b: 2, c: 3, d: 4 });
    one.hot.faults.up();
    gate.open();
    await killed;
  });
}
