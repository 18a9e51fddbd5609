import type { Refused } from './performed.js';
import type { Step } from './step.js';

const METRES: Readonly<Record<string, number>> = { m: 1, km: 1000, mi: 1609.34, ft: 0.3048 };

/** Whether two answers to a step are the same: distances to a millimetre, all else to the last bit, and -0 is not 0. */
export function alike(step: Step, expected: unknown, actual: unknown): boolean {
  const unit = METRES[unitOf(step)]!;
  const near = (a: number, b: number, most: number) => Math.abs(a - b) <= most;
  const same = (a: unknown, b: unknown, name: string): boolean => {
    if (typeof a === 'number' && typeof b === 'number') {
      if (name === 'distance') return near(a, b, 0.001 / unit);
      // The last bit depends on the order of additions.
      if (name === 'longitude' || name === 'latitude') return near(a, b, 1e-12);
      return Object.is(a, b);
    }
    if (a instanceof Set) return b instanceof Set && same([...a], [...b], name);
    if (Array.isArray(a))
      return Array.isArray(b) && a.length === b.length && a.every((one, at) => same(one, b[at], name));
    if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b);
    const names = Object.keys(a).filter((one) => (a as Loose)[one] !== undefined);
    return (
      names.length === Object.keys(b).length && names.every((one) => same((a as Loose)[one], (b as Loose)[one], one))
    );
  };
  const refused = (expected as Refused | undefined)?.refused;
  if (refused !== undefined) return (actual as Refused | undefined)?.refused === refused;
  return same(expected, actual, step[0]);
}

type Loose = Readonly<Record<string, unknown>>;

function unitOf([call, ...args]: Step): string {
  if (call === 'distance') return (args[3] as string | undefined) ?? 'm';
  return call === 'search' ? ((args[1] as { readonly unit?: string }).unit ?? 'm') : 'm';
}
