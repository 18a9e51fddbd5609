import { endCases } from './hot-cases-ends.js';
import { fillCases } from './hot-cases-fill.js';
import { lockCases } from './hot-cases-lock.js';
import { lookCases } from './hot-cases-look.js';
import { valueCases } from './hot-cases-value.js';
import type { HotStoreCase } from './hot-steps.js';

export type { HotStoreCase, HotStoreSubject } from './hot-steps.js';

/**
 * The promises that every hot store keeps, as cases to be run by any test framework.
 *
 * @example
 * for (const { name, run } of hotStoreConformance()) test(name, () => run({ store, pass }));
 */
export function hotStoreConformance(): readonly HotStoreCase[] {
  return [...fillCases, ...lockCases, ...endCases, ...lookCases, ...valueCases];
}
