import { alike } from './alike.js';
import { type Calls, type Refused, worked } from './performed.js';
import { copied, type Step } from './step.js';
import type { Store } from './stores.js';
import type { Subject } from './subjects.js';

/** The first step to which a store answers otherwise than the model. */
export interface Difference {
  readonly store: Store;
  /** All steps up to that one. */
  readonly steps: readonly Step[];
  readonly expected: unknown;
  readonly actual: unknown;
}

/** Runs steps on a store and on the model. */
export async function difference(
  store: Store,
  subject: Subject,
  steps: readonly Step[],
): Promise<Difference | undefined> {
  const model = subject.model() as Calls;
  const expected = steps.map((step) => copied(worked(model, step)));
  let found: Difference | undefined;
  await store.run(subject, steps, (actual, at) => {
    if (alike(steps[at]!, expected[at], actual)) return false;
    found = { store, steps: steps.slice(0, at + 1), expected: expected[at], actual };
    return true;
  });
  return found;
}

/** A difference that needs no step that it has, and of few no argument: found by leaving out what can be left out. */
export async function smallest(first: Difference, subject: Subject): Promise<Difference> {
  let found = first;
  let tries = 500;
  const smaller = async (steps: readonly Step[]): Promise<boolean> => {
    if (tries-- <= 0) return false;
    const next = await difference(found.store, subject, steps).catch(() => undefined);
    // What is refused otherwise than before is most likely a call that makes no sense any more.
    if (!next || refusals(next) !== refusals(found)) return false;
    found = next;
    return true;
  };
  for (let size = found.steps.length >> 1; size >= 1; size >>= 1) await withoutSome(size);
  while (await withoutSome(1));
  await withoutParts();
  return found;

  // The last step stays: it is the one that fails.
  async function withoutSome(size: number): Promise<boolean> {
    let some = false;
    for (let end = found.steps.length - 1; end > 0; ) {
      const from = Math.max(0, end - size);
      if (await smaller(found.steps.toSpliced(from, end - from))) some = true;
      end = Math.min(from, found.steps.length - 1);
    }
    return some;
  }

  async function withoutParts(): Promise<void> {
    for (let at = found.steps.length - 1; at >= 0; at--) while (at < found.steps.length && (await withoutPart(at)));
  }

  async function withoutPart(at: number): Promise<boolean> {
    for (const step of reduced(found.steps[at]!)) if (await smaller(found.steps.with(at, step))) return true;
    return false;
  }
}

// The beginning of what it says: further on it may tell of what was left out.
const refusals = ({ expected, actual }: Difference): string => {
  const { refused, because } = (actual ?? {}) as Partial<Refused>;
  return [(expected as Partial<Refused> | undefined)?.refused, refused, because?.slice(0, 60)].join();
};

/** The step with one argument, item or option less. */
function* reduced([call, first, ...rest]: Step): Generator<Step> {
  for (const one of lessOf(first)) yield [call, one, ...rest];
  for (let at = rest.length - 1; at >= 0; at--) {
    yield [call, first, ...rest.toSpliced(at, 1)];
    for (const one of lessOf(rest[at])) yield [call, first, ...rest.with(at, one)];
  }
}

function* lessOf(value: unknown): Generator<unknown> {
  if (value instanceof Set) for (const items of lessOf([...value])) yield new Set(items as unknown[]);
  else if (Array.isArray(value))
    for (let at = value.length - 1; at >= 0; at--) {
      yield value.toSpliced(at, 1);
      for (const less of lessOf(value[at])) yield value.with(at, less);
    }
  else if (typeof value === 'object' && value !== null)
    for (const [name, part] of Object.entries(value)) {
      if (name === 'id') continue;
      const { [name]: _, ...others } = value as Record<string, unknown>;
      yield others;
      for (const less of lessOf(part)) yield { ...value, [name]: less };
    }
}
