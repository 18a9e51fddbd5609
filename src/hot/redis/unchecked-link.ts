import { HoldfastError } from '../../core/errors.js';
import { StoreFault } from '../../core/fallback-driver.js';
import { redisFault } from './fault.js';
import { inTime } from './in-time.js';
import type { Answer, Places, RedisLink, Watcher } from './link.js';
import type { ScriptCall } from './script.js';
import type { Readiness } from './until-ready.js';

/**
 * The way to a Redis that was away when it was opened: nothing is asked of it before it was found out that it will do. From then
 * on it is the link beneath.
 */
export class UncheckedLink implements RedisLink {
  readonly #link: RedisLink;
  readonly #readiness: Readiness;
  readonly #onReady = () => void this.#check();
  #checking: Promise<void> | undefined;
  /** Why nothing is asked of it; `undefined` when it has been checked. */
  #fault: StoreFault | undefined;

  /** @param away why it could not be opened */
  constructor(link: RedisLink, readiness: Readiness, away: StoreFault) {
    this.#link = link;
    this.#readiness = readiness;
    this.#fault = away;
    readiness.client.on('ready', this.#onReady);
  }

  get address(): string {
    return this.#link.address;
  }

  get cluster(): boolean {
    return this.#link.cluster;
  }

  get keyPrefix(): string {
    return this.#link.keyPrefix;
  }

  get database(): number {
    return this.#link.database;
  }

  refusal(): StoreFault | undefined {
    return this.#fault;
  }

  /** Steps go out in the order in which they are called: none waits for the check. */
  async run(calls: readonly ScriptCall[]): Promise<readonly Answer[]> {
    const fault = this.#fault;
    if (!fault) return this.#link.run(calls);
    void this.#check();
    return calls.map(() => ({ fault }));
  }

  async *scan(pattern: string): AsyncIterable<readonly string[]> {
    await this.#check();
    if (this.#fault) throw this.#fault;
    yield* this.#link.scan(pattern);
  }

  place(key: string): string {
    return this.#link.place(key);
  }

  async places(probe: (index: number) => ScriptCall): Promise<Places> {
    await this.#check();
    return this.#fault ? new Map([['', this.#fault]]) : this.#link.places(probe);
  }

  watch(heard: Watcher): () => void {
    return this.#link.watch(heard);
  }

  close(): Promise<void> {
    this.#readiness.client.off('ready', this.#onReady);
    return this.#link.close();
  }

  #check(): Promise<void> {
    if (!this.#fault) return Promise.resolve();
    this.#checking ??= this.#checked().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #checked(): Promise<void> {
    const { client, address, timeout, check } = this.#readiness;
    try {
      const refusal = this.#link.refusal();
      if (refusal) throw refusal;
      await inTime(check(), timeout);
      this.#fault = undefined;
      client.off('ready', this.#onReady);
    } catch (error) {
      // What is refused for it was not sent, whatever became of the check.
      const { message } = error instanceof HoldfastError ? error : redisFault(address, error);
      this.#fault = new StoreFault(message, 'none', { cause: error });
    }
  }
}
