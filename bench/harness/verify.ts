import { deepStrictEqual } from 'node:assert/strict';
import type { Comparison } from './measure.js';

const plain = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(plain) : typeof value === 'object' && value !== null ? { ...value } : value;

/** Makes sure that every variant gives the right answer before its speed is compared. @throws AssertionError */
export async function verify(comparison: Comparison): Promise<void> {
  const { expected, variants } = comparison;
  if (!expected) return;
  for (const { name, run } of variants)
    for (const n of [0, 1, 777]) {
      await comparison.prepare?.();
      deepStrictEqual(plain(await run(n)), plain(expected(n)), `${comparison.title}: ${name} gives a wrong answer`);
    }
}
