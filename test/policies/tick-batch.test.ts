import { describe, expect, test } from '@jest/globals';
import { type BatchSpan, tickBatch } from '../../src/policies/tick-batch.js';
import { settled } from './gate.js';

describe.each<BatchSpan>(['turn', 'tick'])('tickBatch over a %s', (span) => {
  test('hands over together, in order, what is added together', async () => {
    const flushed: number[][] = [];
    const add = tickBatch<number>((items) => flushed.push(items), undefined, span);
    for (const n of [3, 1, 2]) add(n);
    expect(flushed).toEqual([]);
    await settled();
    expect(flushed).toEqual([[3, 1, 2]]);
  });

  test('collects what promises add later in the same tick, however deep', async () => {
    const flushed: number[][] = [];
    const add = tickBatch<number>((items) => flushed.push(items), undefined, span);
    await Promise.all(
      [0, 1, 5, 20].map(async (depth) => {
        for (let turn = 0; turn < depth; turn++) await null;
        add(depth);
      }),
    );
    await settled();
    expect(flushed).toEqual([[0, 1, 5, 20]]);
  });

  test('splits at the limit', async () => {
    const flushed: number[][] = [];
    const add = tickBatch<number>((items) => flushed.push(items), 2, span);
    for (const n of [1, 2, 3, 4, 5]) add(n);
    await settled();
    expect(flushed).toEqual([[1, 2], [3, 4], [5]]);
  });

  test('starts a new batch for what is added by a flush or after it', async () => {
    const flushed: string[][] = [];
    const add = tickBatch<string>(
      (items) => {
        flushed.push(items);
        if (items.includes('first')) add('by flush');
      },
      undefined,
      span,
    );
    add('first');
    await settled();
    await settled();
    add('later');
    await settled();
    expect(flushed).toEqual([['first'], ['by flush'], ['later']]);
  });

  test('makes one batch of each round of a hundred sequential loops', async () => {
    const sizes: number[] = [];
    const add = tickBatch<() => void>(
      (items) => {
        sizes.push(items.length);
        setImmediate(() => {
          for (const resolve of items) resolve();
        });
      },
      undefined,
      span,
    );
    await Promise.all(
      Array.from({ length: 100 }, async (_, loop) => {
        for (let round = 0; round < 5; round++) {
          await new Promise<void>(add);
          for (let turn = 0; turn < loop % 7; turn++) await null;
        }
      }),
    );
    expect(sizes).toEqual([100, 100, 100, 100, 100]);
  });
});

describe('tickBatch', () => {
  test('over a turn, collects what arrives in several callbacks of it', async () => {
    const flushed: number[][] = [];
    const add = tickBatch<number>((items) => flushed.push(items));
    await new Promise<void>((done) => {
      setTimeout(() => add(1), 1);
      setTimeout(() => {
        add(2);
        setImmediate(done);
      }, 1);
      const until = Date.now() + 5;
      while (Date.now() < until);
    });
    expect(flushed).toEqual([[1, 2]]);
  });
});
