import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ClosedError, ValidationError, VersionConflictError } from 'holdfast';
import { Context, type ContextStore } from 'holdfast/dialog';
import { until } from '../support/until.js';
import { greeting, nodes, turns } from './greeting.js';
import { type OpenPlace, placeFor, type StoreSubject } from './store-subject.js';

/** A context with so many turns. */
export function dialogOf(id: string | number, count: number, from = 0): Context {
  const context = new Context({ id });
  for (let turn = from; turn < from + count; turn++) {
    context.labels[turn] = ['flow', `node${turn}`];
    context.requests[turn] = `request ${turn}`;
    context.responses[turn] = { text: `response ${turn}`, buttons: [turn] };
  }
  return context;
}

const LONG = Array.from({ length: 1000 }, (_, at) => String.fromCodePoint(0x1f300 + (at % 500))).join('');
const IDS = [
  0,
  -5,
  2n ** 63n - 1n,
  '8b2c7c6e-6c0e-4c43-9d7e-3a5c7a1f0d11',
  'user-abc',
  'telegram:1',
  '*',
  '',
  LONG,
  'a\0b',
  '#',
  ' ',
  ' a',
  'A',
  'a',
  'é',
  'e\u0301',
];

/** What every store of contexts does, wherever it keeps them. */
export function storeCases(subject: StoreSubject): void {
  describe(`Contexts in ${subject.name}`, () => {
    let place: OpenPlace;
    let db: ContextStore;

    beforeAll(async () => {
      place = await placeFor(subject);
    });
    beforeEach(async () => {
      db = await place.empty();
    });
    afterAll(() => place.remove());

    // That somebody who was asked for is not there is remembered for a second.
    const nothingLeft = () =>
      until('nothing is left in Redis', async () => ((await place.left?.()) ?? []).length === 0);

    const all = async (store = db) => {
      const found = new Map<unknown, object>();
      for await (const [id, context] of store) found.set(id, context.toJSON());
      return found;
    };

    test('lead the greeting dialog, loaded anew for every turn', async () => {
      const actor = greeting();
      for (const [request, response] of turns) {
        const context = (await db.get('ann')) ?? new Context({ id: 'ann' });
        context.addRequest(request);
        await db.set('ann', await actor(context));
        expect((await db.get('ann'))?.lastResponse).toBe(response);
        if (!subject.lasting) continue;
        await db.close();
        db = await place.open();
      }
      const { labels, frameworkStates } = (await db.get('ann'))!;
      expect(Object.values(labels)).toEqual(nodes.map((node) => ['greeting_flow', node]));
      expect(frameworkStates).toEqual({});
    });

    test('are found by any id, each of its own user', async () => {
      for (const [at, id] of IDS.entries()) await db.set(id, new Context({ id, misc: { at } }));
      for (const [at, id] of IDS.entries()) {
        const context = await db.get(id);
        expect([context?.id, context?.misc]).toEqual([id, { at }]);
        expect(await db.has(id)).toBe(true);
      }
      expect(await db.size()).toBe(IDS.length);
      expect(new Set((await all()).keys())).toEqual(new Set(IDS));
      for (const id of IDS) expect(await db.delete(id)).toBe(true);
      expect(await db.size()).toBe(0);
    });

    test('know 5 and "5" for one user, and have whatever id of their own', async () => {
      await db.set(5, new Context({ id: 5 }));
      expect((await db.get('5'))?.id).toBe(5);
      expect((await db.get(5n))?.id).toBe(5);
      const id = '8b2c7c6e-6c0e-4c43-9d7e-3a5c7a1f0d11';
      await db.set(id, new Context({ id: 112668 }));
      expect((await db.get(id))?.id).toBe(112668);
      expect([...(await all()).keys()]).toEqual(expect.arrayContaining([5, id]));
      for (const wrong of [{}, null, 1.5, '\ud800'])
        await expect(db.get(wrong as never)).rejects.toThrow(ValidationError);
      await expect(db.set(undefined as never, new Context())).rejects.toThrow(ValidationError);
    });

    test('are stored whole, whatever they hold', async () => {
      const json = {
        id: 7,
        labels: { 0: ['f', 'n'], 3: ['f', 'n\0'] },
        requests: { 0: 'Zürich 😀', 1: null, 3: '"quoted"\n\\' },
        responses: { 1: [1, '2', null, true, 1e-7, 2 ** 53], 7: '' },
        misc: JSON.parse('{"__proto__": {"a": 1}, "": 0, "1": "string key", "z": [], "a": {}}') as object,
        validation: true,
        framework_states: { addon: { counter: 1, nul: '\0' } },
      };
      await db.set(7, json as never);
      const found = (await db.get(7))!;
      expect(JSON.stringify(found.toJSON())).toBe(JSON.stringify(json));
      await db.set(8, JSON.stringify({ ...json, id: 8 }));
      expect((await db.get(8))?.requests).toEqual(json.requests);
    });

    test('are loaded with their last turns, and the rest comes in pages', async () => {
      await db.set('ann', dialogOf('ann', 120));
      const turnsOf = (context: Context | undefined) => Object.keys(context!.requests).map(Number);
      expect(turnsOf(await db.get('ann'))).toEqual(Array.from({ length: 50 }, (_, at) => 70 + at));
      expect(turnsOf(await db.get('ann', { window: 3 }))).toEqual([117, 118, 119]);
      expect(turnsOf(await db.get('ann', { window: Number.POSITIVE_INFINITY }))).toHaveLength(120);
      const page = await db.turns('ann', { before: 70, limit: 2 });
      expect(page).toEqual(
        [68, 69].map((turn) => ({
          turn,
          label: ['flow', `node${turn}`],
          request: `request ${turn}`,
          response: { text: `response ${turn}`, buttons: [turn] },
        })),
      );
      const seen: number[] = [];
      for (let before: number | undefined; before !== 0; before = seen[0]) {
        const next = await db.turns('ann', { limit: 50, ...(before !== undefined && { before }) });
        seen.unshift(...next.map(({ turn }) => turn));
      }
      expect(seen).toEqual(Array.from({ length: 120 }, (_, at) => at));
      expect(await db.turns('nobody')).toEqual([]);
      expect(await db.turns('nobody', { before: 3 })).toEqual([]);
      await expect(db.turns('ann', { limit: 0 })).rejects.toThrow(ValidationError);
      await expect(db.turns('ann', { before: 1.5 })).rejects.toThrow(ValidationError);
      await expect(db.get('ann', { window: 0 })).rejects.toThrow(ValidationError);
    });

    test('give pages of turns with gaps between them too', async () => {
      const context = new Context({ id: 'gaps' });
      const numbers = [3, 4, 8, 9, 10, 50, 51, 90];
      for (const turn of numbers) context.requests[turn] = turn;
      await db.set('gaps', context);
      for (let before = 0; before < 100; before++) {
        const page = await db.turns('gaps', { before, limit: 2 });
        expect(page.map(({ turn }) => turn)).toEqual(numbers.filter((turn) => turn < before).slice(-2));
      }
    });

    test('are saved as they are, also after changes in place', async () => {
      await db.set('ann', dialogOf('ann', 60));
      const context = (await db.get('ann'))!;
      const expected = dialogOf('ann', 60);
      const check = async () => {
        await db.set('ann', context);
        const found = await db.get('ann', { window: Number.POSITIVE_INFINITY });
        expect(found!.toJSON()).toEqual(expected.toJSON());
      };
      const both = (change: (context: Context) => void) => {
        change(context);
        change(expected);
        return check();
      };
      await both(() => {});
      await both(({ misc }) => Object.assign(misc, { a: { b: 1 } }));
      await both(({ misc }) => Object.assign(misc.a as object, { b: 2 }));
      await both(({ responses }) => Object.assign(responses[59] as object, { text: 'changed' }));
      await both(({ responses }) => Object.assign(responses[12] as object, { text: 'changed too' }));
      await both((one) => one.addRequest('more'));
      await both((one) => one.addResponse('more'));
      await both(({ requests, labels, responses }) => {
        for (const field of [requests, labels, responses]) delete field[60];
      });
      await both(({ labels }) => delete labels[30]);
      await both((one) => Object.assign(one, { validation: true, frameworkStates: { addon: { n: 1 } } }));
      await both(({ requests }) => Object.assign(requests, { 5: 'one that was not loaded' }));
      expect(Object.keys(context.requests)).toHaveLength(60);
      await both((one) => one.clear(2));
      await both((one) => one.clear(0));
      await both((one) => one.addRequest('again'));
    });

    test.each([
      [5, undefined],
      [0, undefined],
      [55, undefined],
      [200, undefined],
      [3, ['requests']],
      [52, ['labels', 'misc']],
      [0, ['responses', 'requests']],
    ] as const)('are cleared of all but %p turns, also of those that were not loaded, in %p', async (keep, fields) => {
      const whole = dialogOf('ann', 60);
      whole.misc.a = 1;
      await db.set('ann', whole);
      const context = (await db.get('ann'))!;
      context.clear(keep, fields);
      context.addRequest('next');
      await db.set('ann', context);
      const expected = dialogOf('ann', 60);
      expected.misc.a = 1;
      expected.clear(keep, fields);
      // Of requests that are all gone, the next is the first; it was 60 only to one that saw the others.
      if (Object.keys(expected.requests).length > 0) expected.requests[60] = 'next';
      else expected.requests[0] = 'next';
      expect((await db.get('ann', { window: Number.POSITIVE_INFINITY }))!.toJSON()).toEqual(expected.toJSON());
      context.addResponse('and on');
      expected.addResponse('and on');
      await db.set('ann', context);
      expect((await db.get('ann', { window: Number.POSITIVE_INFINITY }))!.toJSON()).toEqual(expected.toJSON());
    });

    test('keep every turn of a long dialog, added one by one, and lose those that are taken away', async () => {
      const long = new Context({ id: 'long' });
      const check = async (store = db) => {
        const found = (await store.get('long', { window: Number.POSITIVE_INFINITY }))!;
        expect(found.toJSON()).toEqual(long.toJSON());
        const count = Object.keys(long.requests).length;
        for (const window of [1, 50, 51, 120])
          expect(Object.keys((await store.get('long', { window }))!.requests)).toHaveLength(Math.min(window, count));
      };
      for (let turn = 0; turn < 260; turn++) {
        long.addRequest(turn);
        long.addResponse(`response ${turn}`);
        await db.set('long', long);
        if (turn % 49 === 48) await check();
      }
      await check();
      for (let turn = 259; turn >= 130; turn--) for (const field of [long.requests, long.responses]) delete field[turn];
      await db.set('long', long);
      await check();
      const wide = subject.lasting ? await place.open({ window: 70 }) : db;
      const loaded = (await wide.get('long', { window: Number.POSITIVE_INFINITY }))!;
      for (let turn = 130; turn < 290; turn++) {
        for (const one of [loaded, long]) one.addRequest(turn);
        await wide.set('long', loaded);
      }
      await check(wide);
      await db.set('long', new Context({ id: 'long' }), { replace: true });
      expect(await db.turns('long')).toEqual([]);
      await db.delete('long');
      await nothingLeft();
    });

    test('are cleared of everything in place', async () => {
      await db.set('ann', dialogOf('ann', 60));
      const context = (await db.get('ann'))!;
      Object.assign(context, { labels: {}, requests: {}, responses: {} });
      await db.set('ann', context);
      expect(Object.keys((await db.get('ann', { window: 1000 }))!.requests)).toEqual(
        Array.from({ length: 10 }, (_, at) => String(at)),
      );
    });

    test('never lose a turn to a concurrent save: the second gets its conflict', async () => {
      await expect(db.set('ann', new Context({ id: 'ann' }))).resolves.toBeUndefined();
      const [one, other] = [(await db.get('ann'))!, (await db.get('ann'))!];
      one.addRequest('one');
      other.addRequest('other');
      await db.set('ann', one);
      const error = await db.set('ann', other).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(VersionConflictError);
      expect((error as Error).message).toBe(
        'Context "ann" is no longer at version 1; nothing was written. Find it again and repeat the change, or use update() with a function.',
      );
      await expect(db.set('ann', dialogOf('ann', 1))).rejects.toThrow(/was saved as new, but exists/);
      expect((await db.get('ann'))!.requests).toEqual({ 0: 'one' });
      one.addRequest('two');
      await db.set('ann', one);
      await db.set('ann', dialogOf('ann', 1), { replace: true });
      expect((await db.get('ann'))!.requests).toEqual({ 0: 'request 0' });
      await db.set('new', dialogOf('new', 1), { replace: true });
      expect(await db.has('new')).toBe(true);
      const results = await Promise.allSettled(
        Array.from({ length: 5 }, (_, at) => db.set('both', dialogOf('both', 1, at))),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    test('that were deleted stay deleted, whatever others still hold of them', async () => {
      await db.set('ann', dialogOf('ann', 3));
      const held = (await db.get('ann'))!;
      held.addRequest('late');
      await db.delete('ann');
      await expect(db.set('ann', held)).rejects.toThrow(VersionConflictError);
      expect(await db.get('ann')).toBeUndefined();
      expect(await db.turns('ann')).toEqual([]);
      await db.set('ann', new Context({ id: 'ann' }));
      expect((await db.get('ann'))!.requests).toEqual({});
    });

    test('that cannot be stored fail alone, name the path, and change nothing', async () => {
      await db.set('ann', dialogOf('ann', 2));
      await db.set('bob', dialogOf('bob', 2));
      const before = await all();
      const faults: [(context: Context) => void, RegExp][] = [
        [({ misc }) => Object.assign(misc, { slot: { list: [1, () => 1] } }), /misc\.slot\.list\[1\] is a function/],
        [({ misc }) => Object.assign(misc, { 'two words': Symbol('x') }), /misc\["two words"\] is a symbol/],
        [({ misc }) => Object.assign(misc, { self: misc }), /misc\.self refers to what contains it/],
        [({ misc }) => Object.assign(misc, { big: 5n }), /misc\.big is a bigint/],
        [({ misc }) => Object.assign(misc, { nan: Number.NaN }), /misc\.nan is NaN/],
        [({ misc }) => Object.assign(misc, { at: new Date() }), /misc\.at is an instance of Date/],
        [({ misc }) => Object.assign(misc, { half: '\ud800' }), /misc\.half holds a lone surrogate/],
        [({ requests }) => Object.assign(requests, { 1: { f() {} } }), /requests\[1\]\.f is a function/],
        [(context) => context.addResponse([undefined]), /responses\[2\]\[0\] is undefined/],
        [
          ({ frameworkStates }) => Object.assign(frameworkStates, { addon: { f() {} } }),
          /frameworkStates\.addon\.f is a function/,
        ],
        [({ labels }) => Object.assign(labels, { 0: ['one'] }), /labels\[0\] is no label/],
        [({ labels }) => Object.assign(labels, { x: ['a', 'b'] }), /"x" for a turn/],
        [(context) => Object.assign(context, { validation: 'yes' }), /validation is a string/],
      ];
      for (const [spoil, message] of faults) {
        const context = (await db.get('ann'))!;
        context.addRequest('lost');
        spoil(context);
        const error = await db.set('ann', context).catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(ValidationError);
        expect((error as Error).message).toMatch(message);
        await expect(db.turn('ann', (own) => void spoil(own))).rejects.toThrow(message);
      }
      expect(await all()).toEqual(before);
    });

    test('are deleted exactly, counted, iterated over and cleared', async () => {
      const ids = ['1', '10', '1:x', '*', 'a*', '1\n'];
      for (const id of ids) await db.set(id, dialogOf(id, 1));
      await db.turn('10', (context) => void context.addRequest('again'));
      expect(await db.delete('1')).toBe(true);
      expect(await db.delete('1')).toBe(false);
      expect(await db.delete('*')).toBe(true);
      expect([...(await all()).keys()].map(String).sort()).toEqual(['1\n', '10', '1:x', 'a*']);
      expect(await db.size()).toBe(4);
      await db.clear();
      expect([await db.size(), (await all()).size, await db.has('10')]).toEqual([0, 0, false]);
      for (let at = 0; at < 130; at++) await db.set(at, dialogOf(at, 1));
      expect([...(await all()).keys()].sort()).toEqual(Array.from({ length: 130 }, (_, at) => at).sort());
      await db.clear();
      expect(await db.size()).toBe(0);
      // Nothing is left of a user, in any tier.
      await nothingLeft();
    });

    if (subject.named)
      test('of one store are none of another beside it', async () => {
        const other = await place.open({ table: 'others' });
        const named = await place.open({ name: 'a' });
        for (const [at, store] of [db, other, named].entries())
          await store.set('ann', new Context({ id: 'ann', misc: { at } }));
        await other.set('bob', new Context({ id: 'bob' }));
        await db.clear();
        expect([await db.size(), await other.size(), await named.size()]).toEqual([0, 2, 1]);
        expect((await other.get('ann'))?.misc).toEqual({ at: 1 });
      });

    test('move to another store with all of their turns', async () => {
      await db.set('ann', dialogOf('ann', 60));
      const elsewhere = await placeFor(subject);
      const other = await elsewhere.open();
      const context = (await db.get('ann', { window: 2 }))!;
      context.addRequest('there');
      await other.set('eve', context);
      const expected = dialogOf('ann', 60);
      expected.addRequest('there');
      expect((await other.get('eve', { window: 1000 }))!.toJSON()).toEqual(expected.toJSON());
      await db.set('copy', (await db.get('ann'))!);
      expect(Object.keys((await db.get('copy', { window: 1000 }))!.requests)).toHaveLength(60);
      await elsewhere.remove();
    });

    test('cannot be asked for once the store is closed', async () => {
      await db.close();
      await db.close();
      await expect(db.get('ann')).rejects.toThrow(ClosedError);
      await expect(db.set('ann', new Context())).rejects.toThrow(ClosedError);
      await expect(db.turn('ann', () => undefined)).rejects.toThrow(ClosedError);
      await expect(all()).rejects.toThrow(ClosedError);
    });
  });
}
