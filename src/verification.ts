import { checkOptions } from './core/check-options.js';
import { describe } from './core/codecs.js';
import { ValidationError } from './core/errors.js';
import type { Key, Schema } from './core/schema.js';
import { FencedStore } from './tiers/fenced-store.js';
import type { Store } from './tiers/store.js';

/** Options of `holdfast.verify()` and `holdfast.repair()`. */
export interface VerifyOptions {
  /** Compare so many hot entries, chosen at random, rather than all. */
  readonly sample?: number;
  /** Called again and again as it goes on. */
  readonly onProgress?: (progress: Omit<Verification, 'entity' | 'keys' | 'agreement'>) => void;
}

/** What a comparison of both tiers found; the counts are of hot entries. */
export interface Verification {
  readonly entity: string;
  /** That say what the durable store says. */
  readonly agreeing: number;
  /** That say something else, while nobody was writing them. */
  readonly differing: number;
  /** That were being written or filled, or had gone cold, when they were looked at. */
  readonly skipped: number;
  /** The share of those compared that agree, 0 to 1; 1 where there were none. */
  readonly agreement: number;
  /** Keys of entries that differ, at most 100, as `find` takes them. */
  readonly keys: readonly unknown[];
}

const MOST_KEYS = 100;

/** Compares the tiers of an entity. @throws ValidationError, StoreUnavailableError */
export async function verifyEntity(
  entity: { readonly schema: Schema; readonly store: Store; readonly toValue: (key: Key) => unknown },
  repair: boolean,
  options: VerifyOptions = {},
): Promise<Verification> {
  const { schema, store, toValue } = entity;
  const { name } = schema.target;
  const subject = repair ? 'repair()' : 'verify()';
  checkOptions(subject, name, options, ['sample', 'onProgress']);
  const { sample, onProgress = () => {} } = options;
  if (sample !== undefined && !(Number.isSafeInteger(sample) && sample > 0))
    throw new ValidationError(
      `The option sample of ${subject} cannot be ${typeof sample === 'number' ? sample : describe(sample)}. Give a whole number from 1, or leave it out for all.`,
    );
  if (!(store instanceof FencedStore))
    throw new ValidationError(
      `${subject} of ${name} has nothing to compare: the entity has one tier. It needs a fallback and a hot tier.`,
    );
  const keys: unknown[] = [];
  const compared = await store.verify({
    schema,
    sample,
    repair,
    progress: onProgress,
    onDiffering: (found) => keys.push(...found.slice(0, MOST_KEYS - keys.length).map(toValue)),
  });
  const { agreeing, differing } = compared;
  const total = agreeing + differing;
  return { entity: name, ...compared, agreement: total === 0 ? 1 : agreeing / total, keys };
}
