import { checkOptions } from '../core/check-options.js';
import { ClosedError, ValidationError } from '../core/errors.js';
import type { Store } from '../tiers/store.js';
import type { ChangeBuilder, PutOptions } from './change-builder.js';
import { Lifetime } from './lifetime.js';
import { type Pending, writeAll } from './pending.js';
import type { Batch } from './types.js';

/** Where a batch's entities go. */
export interface BatchTarget {
  readonly changes: ChangeBuilder;
  readonly store: Store;
}

/** Runs `record`, then writes all that it recorded in one durable transaction. @throws ClosedError where it was closed meanwhile */
export async function runBatch(
  record: (batch: Batch) => unknown,
  target: (entity: object) => BatchTarget,
  lifetime = new Lifetime(),
): Promise<void> {
  if (typeof record !== 'function')
    throw new ValidationError(
      `batch() takes a function that records calls, got ${typeof record}. Give batch((b) => { … }).`,
    );
  const pending: Pending[] = [];
  let first: BatchTarget | undefined;
  let over = false;
  const repository = (entity: object) => {
    const one = target(entity);
    first ??= one;
    if (one.store !== first.store)
      throw new ValidationError(
        `A batch cannot hold ${first.changes.schema.target.name} (in ${first.store.name}) and ${one.changes.schema.target.name} (in ${one.store.name}): one transaction needs one durable store. Write them one after the other.`,
      );
    const add = (made: readonly Pending[]) => {
      if (over)
        throw new ValidationError(
          'A call was recorded after its batch had been written. Await everything inside the function given to batch().',
        );
      pending.push(...made);
    };
    return recorder(one.changes, add);
  };
  try {
    await record({ repository } as unknown as Batch);
  } finally {
    over = true;
  }
  if (lifetime.closed) throw new ClosedError();
  if (first && !first.store.transactions && pending.length > 1)
    throw new ValidationError(
      `A batch of ${pending.length} calls needs transactions, which ${first.store.name} does not have; nothing was written. Give the entities a fallback that has them, or write them one after the other.`,
    );
  if (first) await writeAll(first.store, pending, 'set');
}

const listed = (given: unknown): readonly unknown[] => (Array.isArray(given) ? given : [given]);

function recorder(changes: ChangeBuilder, add: (made: readonly Pending[]) => void): object {
  const check = (options: unknown) =>
    checkOptions('A batched save', changes.schema.target.name, options, ['fallbackTtl']);
  const put =
    (asNew: boolean) =>
    (given: object, options: PutOptions = {}) => {
      check(options);
      add(listed(given).map((entity) => changes.put(entity as object, asNew, options)));
    };
  const calls: Record<string, unknown> = {
    save: put(false),
    insert: put(true),
    update: (key: unknown, change: unknown) => add([changes.update(key, change)]),
    delete: (keys: unknown) => add(listed(keys).map((key) => changes.delete(key))),
  };
  for (const name of Object.keys(changes.schema.kind.changes))
    calls[name] = (...args: unknown[]) => {
      const call = changes.call(name, args);
      if (!('keyed' in call)) return;
      check(call.saveOptions);
      add([call]);
    };
  return calls;
}
