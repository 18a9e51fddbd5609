import { describe, expect, test } from '@jest/globals';
import { compose, type Guard } from '../../src/policies/guard.js';

function noted(name: string, notes: string[]): Guard {
  return async (run) => {
    notes.push(`${name} in`);
    try {
      return await run();
    } finally {
      notes.push(`${name} out`);
    }
  };
}

describe('compose', () => {
  test('puts the first guard outermost and leaves out what is off', async () => {
    const notes: string[] = [];
    const guard = compose([noted('a', notes), undefined, noted('b', notes), noted('c', notes)]);
    await expect(guard(async () => notes.push('call'))).resolves.toBe(4);
    expect(notes).toEqual(['a in', 'b in', 'c in', 'call', 'c out', 'b out', 'a out']);
  });

  test('of nothing is the call itself', async () => {
    const call = Promise.resolve(1);
    expect(compose([undefined])(() => call)).toBe(call);
  });

  test('of one is that one', () => {
    const one = noted('a', []);
    expect(compose([undefined, one])).toBe(one);
  });

  test('passes a rejection through every guard unchanged', async () => {
    const notes: string[] = [];
    const error = new Error('no');
    const guard = compose([noted('a', notes), noted('b', notes)]);
    await expect(guard(() => Promise.reject(error))).rejects.toBe(error);
    expect(notes).toEqual(['a in', 'b in', 'b out', 'a out']);
  });
});
