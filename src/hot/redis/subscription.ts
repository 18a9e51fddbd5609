import type { Clock } from '../../core/clock.js';
import { notSent, redisFault } from './fault.js';
import type { Listener } from './listener.js';
import { untilReady } from './until-ready.js';

// A connection that leaves a PING without an answer for so many ticks is dead, whatever TCP believes. Ticks are counted, not
// milliseconds: a process that was busy with itself has heard nothing, but that is no silence.
const TICK = 1000;
const SILENT_TICKS = 3;

const OPENING = 5000;

/** What a {@link Subscription} is made of. */
export interface SubscriptionOptions {
  readonly listener: Listener;
  readonly channels: readonly string[];
  readonly clock: Clock;
  readonly heard: (channel: string, message: string) => void;
}

/** One connection that listens to channels, from its opening to its end; it does not come back. */
export class Subscription {
  /** Fulfilled when it has ended, in whatever way, with the reason. */
  readonly ended: Promise<unknown>;
  readonly #options: SubscriptionOptions;
  #end!: (cause: unknown) => void;
  #over = false;
  #cancel: (() => void) | undefined;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { listener, heard } = options;
    const { client } = listener;
    let last: unknown;
    client.on('error', (error: unknown) => {
      last = error;
    });
    client.on('close', () => this.end(last ?? new Error('the connection was closed')));
    client.on('message', heard);
  }

  /** Connects and subscribes. @throws StoreFault */
  async open(): Promise<void> {
    const { listener, channels } = this.#options;
    const { client, address } = listener;
    try {
      await untilReady({ client, address, impatient: true, timeout: OPENING, check: async () => {} });
      this.#watch();
      await client.subscribe(...channels);
    } catch (error) {
      this.end(error);
      throw redisFault(address, error);
    }
  }

  end(cause: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancel?.();
    this.#options.listener.client.disconnect();
    this.#end(redisFault(this.#options.listener.address, cause));
  }

  #watch(): void {
    const { listener, clock } = this.#options;
    const { client, address } = listener;
    let waiting = 0;
    const tick = () => {
      if (this.#over) return;
      if (!listener.belongs()) return this.end(notSent(address, 'no node of the cluster any more, or reached anew.'));
      if (waiting >= SILENT_TICKS) return this.end(notSent(address, `silent for ${waiting * TICK} ms.`));
      if (waiting === 0)
        client.ping().then(
          () => {
            waiting = 0;
          },
          () => {},
        );
      waiting++;
      this.#cancel = clock.after(TICK, tick);
    };
    tick();
  }
}
