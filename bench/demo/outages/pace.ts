/** The times of the act, in milliseconds. */
export interface Pace {
  /** How long each of its scenes is. */
  readonly scenes: Readonly<Record<'healthy' | 'killed' | 'back' | 'hangs' | 'answers', number>>;
  /** Of the holdfasts: how long a call on the hot tier may take. */
  readonly timeout: number;
  /** How long a circuit breaker stays open. */
  readonly reset: number;
  /** How often the holdfasts look for what the hot tier was not told. */
  readonly repair: number;
}

/** The pace at which the act takes about so many seconds, the check at its end not counted. */
export function paceOf(seconds: number): Pace {
  const part = (seconds * 1000) / 14.5;
  return {
    scenes: { healthy: 1.5 * part, killed: 1.5 * part, back: 3 * part, hangs: 2 * part, answers: 2 * part },
    // The defaults, but for the breaker's 10 s, which are as long as the act.
    timeout: Math.min(500, part / 2),
    reset: Math.min(500, part / 2),
    repair: Math.min(1000, part),
  };
}
