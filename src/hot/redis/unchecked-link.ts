import { HoldfastError } from '../../core/errors.js';
import { StoreFault } from '../../core/fallback-driver.js';
import { notSent, redisFault } from './fault.js';
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

  constructor(link: RedisLink, readiness: Readiness) {
    this.#link = link;
    this.#readiness = readiness;
    this.#fault = notSent(link.address, 'not checked yet.');
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
    const places = await this.#link.places(probe);
    const fault = this.#fault;
    return fault ? new Map(Array.from(places, ([place, own]) => [place, own ?? fault])) : places;
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
      if (client.status !== 'ready') throw notSent(address, `not connected (${client.status}).`);
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
