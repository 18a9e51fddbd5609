import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ClosedError, HoldfastError, VersionConflictError } from 'holdfast';
import { Context, type ContextStore, TurnExpiredError } from 'holdfast/dialog';
import { until } from '../support/until.js';
import { dialogOf } from './store-cases.js';
import { type OpenPlace, placeFor, type StoreSubject } from './store-subject.js';

/** A promise and what ends it. */
function gate<T = void>() {
  let open!: (value: T) => void;
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** What turns are, wherever contexts are kept. */
export function turnCases(subject: StoreSubject): void {
  describe(`Turns in ${subject.name}`, () => {
    let place: OpenPlace;
    let db: ContextStore;

    beforeAll(async () => {
      place = await placeFor(subject);
    });
    beforeEach(async () => {
      db = await place.empty();
    });
    afterAll(() => place.remove());

    test('of one user are one at a time, in order of arrival, with ascending fencing tokens', async () => {
      const seen: number[] = [];
      const fences: number[] = [];
      let under = 0;
      const contexts = await Promise.all(
        Array.from({ length: 12 }, (_, at) =>
          db.turn('ann', async (context, { fence }) => {
            expect(++under).toBe(1);
            seen.push(at);
            fences.push(fence);
            context.addRequest(at);
            await new Promise((resolve) => setImmediate(resolve));
            context.addResponse(at);
            under--;
          }),
        ),
      );
      expect(seen).toEqual(Array.from({ length: 12 }, (_, at) => at));
      expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b));
      expect(contexts[11]!.lastResponse).toBe(11);
      expect(Object.values((await db.get('ann'))!.requests)).toEqual(seen);
    });

    test('of different users do not wait for each other', async () => {
      const [ann, bob] = [gate(), gate()];
      const first = db.turn('ann', async () => ann.opened);
      await db.turn('bob', async () => bob.open());
      await bob.opened;
      ann.open();
      await first;
      expect(await db.has('ann')).toBe(true);
    });

    test('whose handler throws leave everything as it was, and the next goes on', async () => {
      await db.set('ann', dialogOf('ann', 1));
      const failed = db.turn('ann', async (context) => {
        context.addRequest('lost');
        throw new RangeError('no');
      });
      const next = db.turn('ann', (context) => void context.addRequest('kept'));
      await expect(failed).rejects.toThrow(RangeError);
      await next;
      expect((await db.get('ann'))!.requests).toEqual({ 0: 'request 0', 1: 'kept' });
    });

    test('store whatever stands for a context that the handler returns, and lose no turn that it did not see', async () => {
      await db.set('ann', dialogOf('ann', 60));
      await db.turn('ann', (context) => {
        const json = JSON.parse(JSON.stringify(context)) as Context & { framework_states: object };
        return { ...json, requests: { ...json.requests, 60: 'by another service' } } as never;
      });
      const found = (await db.get('ann', { window: 1000 }))!;
      expect(Object.keys(found.requests)).toHaveLength(61);
      expect(found.lastRequest).toBe('by another service');
    });

    test('that change nothing are over all the same', async () => {
      await db.set('ann', dialogOf('ann', 1));
      for (let at = 0; at < 3; at++) await db.turn('ann', () => undefined);
      expect((await db.get('ann'))!.requests).toEqual({ 0: 'request 0' });
    });

    test('call their handler once, also where others saved without a turn', async () => {
      await db.set('ann', dialogOf('ann', 1));
      let calls = 0;
      const turn = db.turn('ann', async (context) => {
        calls++;
        const other = (await db.get('ann'))!;
        other.addRequest('past the turn');
        await db.set('ann', other);
        context.addRequest('lost');
      });
      await expect(turn).rejects.toThrow(VersionConflictError);
      expect(calls).toBe(1);
      await db.turn('ann', (context) => void context.addRequest('next'));
      expect(Object.values((await db.get('ann'))!.requests)).toEqual(['request 0', 'past the turn', 'next']);
    });

    test('that take too long are given up: the next goes on, and nothing of them is stored', async () => {
      const limited = await place.open({ turnLimit: 60 });
      const late = gate();
      const told = gate<unknown>();
      const hanging = limited.turn('ann', async (context, { signal }) => {
        signal.addEventListener('abort', () => told.open(signal.reason));
        await late.opened;
        context.addRequest('late');
      });
      const next = (subject.lasting ? db : limited).turn('ann', (context) => void context.addRequest('next'));
      const error = await hanging.catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(TurnExpiredError);
      expect(error).toBeInstanceOf(HoldfastError);
      expect(await told.opened).toBe(error);
      await next;
      late.open();
      await limited.turn('ann', (context) => void context.addRequest('after'));
      expect(Object.values((await limited.get('ann'))!.requests)).toEqual(['next', 'after']);
    });

    test('of a user that is deleted meanwhile do not bring him back', async () => {
      await db.set('ann', dialogOf('ann', 1));
      const [begun, goOn] = [gate(), gate()];
      const turn = db.turn('ann', async (context) => {
        begun.open();
        await goOn.opened;
        context.addRequest('late');
      });
      await begun.opened;
      await db.delete('ann');
      goOn.open();
      await expect(turn).rejects.toThrow(HoldfastError);
      expect(await db.has('ann')).toBe(false);
      await db.turn('ann', (context) => void context.addRequest('anew'));
      expect((await db.get('ann'))!.requests).toEqual({ 0: 'anew' });
    });

    test('that wait are refused at close, and those that have begun come to their end', async () => {
      const [begun, goOn] = [gate(), gate()];
      const turn = db.turn('ann', async (context) => {
        begun.open();
        await goOn.opened;
        context.addRequest('kept');
      });
      await begun.opened;
      const waiting = db.turn('ann', () => undefined);
      const refused = expect(waiting).rejects.toThrow(ClosedError);
      const closed = db.close();
      await refused;
      goOn.open();
      await Promise.all([turn, closed]);
      if (!subject.lasting) return;
      const again = await place.open();
      expect((await again.get('ann'))!.requests).toEqual({ 0: 'kept' });
    });

    if (subject.lasting)
      test('of two stores wait for each other, and one that shows no life is passed over', async () => {
        const other = await place.open();
        const seen: string[] = [];
        const [begun, goOn] = [gate(), gate()];
        const first = db.turn('ann', async () => {
          begun.open();
          await goOn.opened;
          seen.push('first');
        });
        await begun.opened;
        const second = other.turn('ann', (context) => {
          seen.push('second');
          context.addRequest('second');
        });
        await until('the second has arrived', async () => {
          const third = db.turn('ann', () => void seen.push('third'));
          goOn.open();
          await Promise.all([first, second, third]);
          return true;
        });
        expect(seen[0]).toBe('first');
        expect(seen.slice(1).sort()).toEqual(['second', 'third']);
      });
  });
}
