import type { HoldfastError } from '../core/errors.js';
import type { KeyedChange } from '../core/fallback-driver.js';
import type { CommitMode } from '../core/hot-store.js';
import type { Done, Outcome } from '../core/kind.js';
import type { Store } from '../tiers/store.js';

/** A change that a caller asked for: what to write, and what he gets of the outcome. */
export interface Pending<T = unknown> {
  readonly keyed: KeyedChange;
  accept(outcome: Done): T;
  refuse(outcome: Exclude<Outcome, Done>): HoldfastError;
}

/** Writes all or none, and gives each caller's result in order. @throws the typed error of the one that could not be made */
export async function writeAll<T>(store: Store, pending: readonly Pending<T>[], mode: CommitMode): Promise<T[]> {
  if (pending.length === 0) return [];
  const result = await store.write(
    pending.map(({ keyed }) => keyed),
    mode,
  );
  if (!result.done) throw pending[result.index]!.refuse(result.outcome);
  return pending.map((one, index) => one.accept(result.outcomes[index]!));
}
