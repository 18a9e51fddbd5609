import { HoldfastError } from '../../index.js';

/** A turn that took longer than it may, or was taken for dead meanwhile. Nothing of it was saved. */
export class TurnExpiredError extends HoldfastError {
  readonly code = 'TURN_EXPIRED';
  constructor(
    readonly id: string,
    fact: string,
  ) {
    super(
      `The turn of ${JSON.stringify(id.length > 60 ? `${id.slice(0, 60)}…` : id)} ${fact}; nothing of it was saved. Make its handler quicker, or raise turnLimit.`,
    );
  }
}
