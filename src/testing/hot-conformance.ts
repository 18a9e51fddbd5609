import { deltaCases } from './hot-cases-delta.js';
import { endCases } from './hot-cases-ends.js';
import { fillCases } from './hot-cases-fill.js';
import { flagCases } from './hot-cases-flag.js';
import { lockCases } from './hot-cases-lock.js';
import { lookCases } from './hot-cases-look.js';
import { memberCases } from './hot-cases-members.js';
import { queryCases } from './hot-cases-query.js';
import { stageCases } from './hot-cases-stage.js';
import { timeCases } from './hot-cases-time.js';
import { valueCases } from './hot-cases-value.js';
import type { HotStoreSubject } from './hot-steps.js';

export type { HotStoreSubject } from './hot-steps.js';

/** One promise of a hot store. `run` throws an AssertionError where it is not kept. */
export interface HotStoreCase {
  readonly name: string;
  run(subject: HotStoreSubject): Promise<void>;
}

/**
 * The promises that every hot store keeps, as cases to be run by any test framework.
 *
 * @example
 * for (const { name, run } of hotStoreConformance()) test(name, () => run({ store, pass }));
 */
export function hotStoreConformance(): readonly HotStoreCase[] {
  const rows = [...valueCases, ...flagCases];
  const collections = [...deltaCases, ...memberCases, ...queryCases, ...stageCases];
  const cases = [...fillCases, ...lockCases, ...endCases, ...lookCases, ...timeCases, ...rows, ...collections];
  return cases.flatMap(({ name, kinds, run }) =>
    kinds.map((kind) => ({ name: `of a ${kind}: ${name}`, run: (subject) => run(subject, kind) })),
  );
}
