import type { KeyedChange, WriteResult } from '../core/fallback-driver.js';
import type { Done } from '../core/kind.js';

/** Without transactions each change stands for itself; the first that could not be made is told. */
export async function writeEach(
  changes: readonly KeyedChange[],
  write: (changes: readonly [KeyedChange]) => Promise<WriteResult>,
): Promise<WriteResult> {
  const settled = await Promise.allSettled(changes.map((change) => write([change])));
  const outcomes: Done[] = [];
  for (const [index, one] of settled.entries()) {
    if (one.status === 'rejected') throw one.reason;
    if (!one.value.done) return { ...one.value, index };
    outcomes.push(one.value.outcomes[0]!);
  }
  return { done: true, outcomes };
}
