import { type Explored, explore } from './explore.js';
import { type GuardName, without } from './guards.js';
import { SCENARIOS } from './scenarios.js';

/** How the protocol goes wrong without a guard. */
export interface Caught extends NonNullable<Explored['fault']> {
  readonly scenario: string;
}

const FIRST = 1000;
const MOST = 300_000;

/** The shortest history that goes wrong without a guard, of those that are found first; `undefined` where none does. */
export function historyWithout(guard: GuardName): Caught | undefined {
  const guards = without(guard);
  for (let most = FIRST; most <= MOST; most *= 6) {
    let shortest: Caught | undefined;
    for (const scenario of SCENARIOS) {
      const { fault } = explore(scenario, guards, most);
      if (fault && fault.history.length < (shortest?.history.length ?? Number.POSITIVE_INFINITY))
        shortest = { ...fault, scenario: scenario.name };
    }
    if (shortest) return shortest;
  }
  return undefined;
}
