import { batchCases } from './fallback-conformance/batches.js';
import { changeCases } from './fallback-conformance/changes.js';
import { collectionBatchCases } from './fallback-conformance/collections-batches.js';
import { collectionChangeCases } from './fallback-conformance/collections-changes.js';
import { collectionConcurrencyCases } from './fallback-conformance/collections-concurrency.js';
import { collectionExpiryCases, collectionLimitCases } from './fallback-conformance/collections-limits.js';
import { collectionMemberCases } from './fallback-conformance/collections-members.js';
import { collectionNearCases } from './fallback-conformance/collections-near.js';
import { collectionQueryCases } from './fallback-conformance/collections-queries.js';
import { collectionValueCases } from './fallback-conformance/collections-values.js';
import { concurrencyCases } from './fallback-conformance/concurrency.js';
import type { ConformanceCase, FallbackContext } from './fallback-conformance/context.js';
import { expiryCases } from './fallback-conformance/expiry.js';
import { flagCases } from './fallback-conformance/flags.js';
import { keyCases } from './fallback-conformance/keys.js';
import { lifecycleCases } from './fallback-conformance/lifecycle.js';
import { readCases } from './fallback-conformance/reads.js';
import { scanCases } from './fallback-conformance/scans.js';
import { valueCases } from './fallback-conformance/values.js';

export type { ConformanceCase, FallbackContext } from './fallback-conformance/context.js';

/**
 * What every `FallbackDriver` must do, for any test runner. What a driver declares that it cannot do, it must refuse; no case
 * is skipped. The suite uses the entity names `sample`, `other`, `person`, `city`, `item` and `item_tag`.
 *
 * @example
 * for (const { name, run } of fallbackConformance())
 *   test(name, () => run({ open: (schemas, options) => fresh(schemas, options), reopen: (schemas, options) => again(schemas, options) }));
 */
export function fallbackConformance(): readonly ConformanceCase<FallbackContext>[] {
  return [
    ...lifecycleCases,
    ...valueCases,
    ...changeCases,
    ...batchCases,
    ...keyCases,
    ...readCases,
    ...expiryCases,
    ...scanCases,
    ...concurrencyCases,
    ...flagCases,
    ...collectionValueCases,
    ...collectionMemberCases,
    ...collectionChangeCases,
    ...collectionQueryCases,
    ...collectionNearCases,
    ...collectionLimitCases,
    ...collectionExpiryCases,
    ...collectionBatchCases,
    ...collectionConcurrencyCases,
  ];
}
