/** A span of time: milliseconds as a number, or a number with its unit, such as `'500ms'`, `'5s'`, `'1m'`, `'1h'`, `'7d'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration, or `undefined` where it is none (negative, not finite, another unit). */
export function milliseconds(duration: Duration): number | undefined {
  if (typeof duration === 'number') return Number.isFinite(duration) && duration >= 0 ? duration : undefined;
  const match = typeof duration === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) : null;
  return match ? Math.round(Number(match[1]) * UNITS[match[2]!]!) : undefined;
}
