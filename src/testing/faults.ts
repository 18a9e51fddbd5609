import { type Clock, systemClock } from '../core/clock.js';
import { StoreFault } from '../core/fallback-driver.js';
import { getOrMake } from '../core/get-or-make.js';

/** Where in a call something happens: before the store has done it, or after, when only the answer is missing. */
export type Moment = 'before' | 'after';

/** Holds one call of a store until the test lets it go on. */
export interface Gate {
  /** Fulfilled when a call stands at the gate. */
  readonly reached: Promise<void>;
  /** Lets that call go on; a gate that is open already stops none. */
  open(): void;
}

/** What a test can do to a store that was made faulty; `Method` are the names of the store's methods. */
export interface Faults<Method extends string> {
  /**
   * From now on no call reaches the store, or none of these methods: each fails at once, with `error` or a `StoreFault` that
   * says so.
   */
  down(error?: Error, methods?: readonly Method[]): void;
  /** The store answers again. Calls that hang now reach it, late. */
  up(): void;
  /**
   * From now on no call reaches the store or is answered, until `up()`, which lets them all through, or `down()`. `after`: they
   * reach the store, which does what is asked, and only the answers hang.
   */
  hang(moment?: Moment): void;
  /**
   * Each call that is under way fails at once, with `error` or a `StoreFault` of unknown outcome: its connection is cut. One
   * that hangs before the store never gets there; one that is at a gate goes on when it is opened, and nobody hears of it.
   */
  cut(error?: Error): void;
  /** From now on each call waits so many milliseconds before it reaches the store; 0 for none. */
  delay(ms: number): void;
  /**
   * The next call of `method` fails with `error`: `before` the store has done it (the default), or `after`, when the store
   * has done it and the answer is lost. Called several times, it is for as many calls.
   */
  failNext(method: Method, error: Error, moment?: Moment): void;
  /** Stops the next call of `method`, `before` the store has done it (the default) or `after`. */
  gate(method: Method, moment?: Moment): Gate;
  /** How many calls of each method there were, those that failed or hang included. */
  readonly calls: Readonly<Record<Method, number>>;
}

interface Stop {
  readonly gate: Gate;
  arrive(): Promise<void>;
}

interface State {
  /** Where calls are stopped; `undefined` where they are not. */
  readonly at: Moment | undefined;
  /** What they fail with; `undefined` where they hang until it is over. */
  readonly error?: Error;
  /** Which calls; `undefined` for all. */
  readonly methods?: readonly string[] | undefined;
  readonly over: Promise<void>;
}

/** A promise, and what fulfils it. */
function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}

function makeStop(): Stop {
  const reached = signal();
  const opened = signal();
  return {
    gate: { reached: reached.given, open: opened.give },
    arrive() {
      reached.give();
      return opened.given;
    },
  };
}

/** The faults of one store, and the way through them. */
export class FaultLine<Method extends string> implements Faults<Method> {
  readonly calls: Record<Method, number>;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #failures = new Map<string, Error[]>();
  readonly #stops = new Map<string, Stop[]>();
  #state: State = { at: undefined, over: Promise.resolve() };
  #leave: () => void = () => {};
  #delay = 0;
  #underWay = new Set<(error: Error) => void>();

  constructor(name: string, methods: readonly Method[], clock: Clock = systemClock) {
    this.#name = name;
    this.#clock = clock;
    this.calls = Object.fromEntries(methods.map((method) => [method, 0])) as Record<Method, number>;
  }

  down(
    error: Error = new StoreFault(`${this.#name} is down, as the test wants it.`, 'none'),
    methods?: readonly Method[],
  ): void {
    this.#enter({ at: 'before', error, methods });
  }

  hang(moment: Moment = 'before'): void {
    this.#enter({ at: moment });
  }

  up(): void {
    this.#enter({ at: undefined });
  }

  cut(error: Error = new StoreFault(`The connection to ${this.#name} is cut, as the test wants it.`, 'unknown')): void {
    const cut = this.#underWay;
    this.#underWay = new Set();
    for (const fail of cut) fail(error);
  }

  delay(ms: number): void {
    this.#delay = ms;
  }

  failNext(method: Method, error: Error, moment: Moment = 'before'): void {
    queue(this.#failures, method, moment).push(error);
  }

  gate(method: Method, moment: Moment = 'before'): Gate {
    const stop = makeStop();
    queue(this.#stops, method, moment).push(stop);
    return stop.gate;
  }

  /** Runs one call of the store through all that the test has set up. @throws the error it set up */
  pass<T>(method: Method, call: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const underWay = this.#underWay;
      underWay.add(reject);
      void this.#pass(method, call)
        .then(resolve, reject)
        .then(() => underWay.delete(reject));
    });
  }

  async #pass<T>(method: Method, call: () => Promise<T>): Promise<T> {
    await this.enter(method);
    const answer = await call();
    await this.leave(method);
    return answer;
  }

  /** The way to the store. */
  async enter(method: Method): Promise<void> {
    this.calls[method]++;
    const link = this.#underWay;
    const stood = await this.#at(method, 'before');
    // It was in the store when its connection was cut: what becomes of others since is not its concern.
    if (stood && link !== this.#underWay) return;
    if (this.#delay > 0) await new Promise<void>((resolve) => void this.#clock.after(this.#delay, resolve));
    const hung = await this.#stopped(method, 'before');
    if (hung && link !== this.#underWay) throw new StoreFault('It was lost on the way.', 'none');
    this.#fail(method, 'before');
  }

  /** The way back. */
  async leave(method: Method): Promise<void> {
    await this.#at(method, 'after');
    await this.#stopped(method, 'after');
    this.#fail(method, 'after');
  }

  #enter(state: Omit<State, 'over'>): void {
    const leave = this.#leave;
    const over = signal();
    this.#state = { ...state, over: over.given };
    this.#leave = over.give;
    leave();
  }

  /** Whether it hung. */
  async #stopped(method: Method, moment: Moment): Promise<boolean> {
    for (let waited = false; ; waited = true) {
      const { at, error, methods, over } = this.#state;
      // What hangs fails when the store is down, wherever it hangs.
      if ((at !== moment && !(waited && error)) || methods?.includes(method) === false) return waited;
      if (error) throw error;
      await over;
    }
  }

  /** Whether there was a gate. */
  async #at(method: Method, moment: Moment): Promise<boolean> {
    const stop = queue(this.#stops, method, moment).shift();
    await stop?.arrive();
    return stop !== undefined;
  }

  #fail(method: Method, moment: Moment): void {
    const error = queue(this.#failures, method, moment).shift();
    if (error) throw error;
  }
}

const queue = <T>(queues: Map<string, T[]>, method: string, moment: Moment): T[] =>
  getOrMake(queues, `${moment} ${method}`, () => []);
