import { HoldfastError } from '../index.js';

/** One fault of a script. */
export interface ScriptFault {
  /** Flow and node, and what of it: `greeting_flow.node1, transition to "node2"`. */
  readonly place: string;
  readonly fact: string;
  readonly remedy: string;
}

/** A script that cannot be played; lists all faults at once. */
export class ScriptError extends HoldfastError {
  readonly code = 'SCRIPT';
  constructor(readonly faults: readonly ScriptFault[]) {
    super(
      `${faults.length === 1 ? 'A fault' : `${faults.length} faults`} in the script:\n` +
        faults.map(({ place, fact, remedy }) => `  - ${place}: ${fact} ${remedy}`).join('\n'),
    );
  }
}
