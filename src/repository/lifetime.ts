import { InFlight } from '../tiers/in-flight.js';

/** Whether a holdfast may still be used. */
export class Lifetime {
  /** True from the moment close() was called: read by every call, so it is no function. */
  closed = false;
  /** Calls that take several of a store. */
  readonly underWay = new InFlight();
}
