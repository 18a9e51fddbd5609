import { type Duration, ValidationError } from '../index.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of an option. @throws ValidationError */
export function millisecondsOf(option: string, given: Duration): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(typeof given === 'number' ? `${given}ms` : given) ?? [];
  const ms = unit === undefined ? 0 : Math.round(Number(digits) * UNITS[unit]!);
  if (ms > 0) return ms;
  throw new ValidationError(
    `The option ${option} is ${JSON.stringify(given)}. Give milliseconds above 0, or '500ms', '5s', '1m', '1h', '7d'.`,
  );
}
