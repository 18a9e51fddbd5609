/** One load that is under way, and everyone who waits for it. */
export interface Flight<T> {
  readonly promise: Promise<T>;
  /** True while others may join. Look before you settle: what a detached flight brings may be older than a write, and is not to be cached. */
  readonly attached: boolean;
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** The loads of one entity that are under way, so that each key is loaded once however many ask for it. */
export interface SingleFlight<T> {
  /** The flight to wait for, where there is one. */
  join(id: string): Flight<T> | undefined;
  /** A new flight; one that is under way for the same key is detached. Whoever starts it settles it. */
  start(id: string): Flight<T>;
  /** The key is being written: later readers start anew, those who wait already get what was read for them. */
  detach(id: string): void;
  detachAll(): void;
  readonly size: number;
}

/** Makes the flights of one entity. */
export function singleFlight<T>(): SingleFlight<T> {
  return new Flights<T>();
}

class Flights<T> implements SingleFlight<T> {
  readonly #attached = new Map<string, AttachedFlight<T>>();

  join(id: string): Flight<T> | undefined {
    return this.#attached.get(id);
  }

  start(id: string): Flight<T> {
    this.detach(id);
    const flight = new AttachedFlight<T>(this, id);
    this.#attached.set(id, flight);
    return flight;
  }

  detach(id: string): void {
    const flight = this.#attached.get(id);
    if (!flight) return;
    this.#attached.delete(id);
    flight.attached = false;
  }

  detachAll(): void {
    for (const id of [...this.#attached.keys()]) this.detach(id);
  }

  get size(): number {
    return this.#attached.size;
  }
}

class AttachedFlight<T> implements Flight<T> {
  attached = true;
  readonly promise: Promise<T>;
  readonly #flights: SingleFlight<T>;
  readonly #id: string;
  #resolve!: (value: T) => void;
  #reject!: (error: unknown) => void;

  constructor(flights: SingleFlight<T>, id: string) {
    this.#flights = flights;
    this.#id = id;
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  resolve(value: T): void {
    if (this.attached) this.#flights.detach(this.#id);
    this.#resolve(value);
  }

  reject(error: unknown): void {
    if (this.attached) this.#flights.detach(this.#id);
    // Where nobody waits, a failed load is no unhandled rejection.
    this.promise.catch(() => {});
    this.#reject(error);
  }
}
