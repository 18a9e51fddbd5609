import { ClosedError } from '../../core/errors.js';
import type { StoreFault } from '../../core/fallback-driver.js';
import { getOrMake } from '../../core/get-or-make.js';
import type { RedisClient, Trouble } from './client.js';
import { notConnected, notSent, redisFault, replyCode } from './fault.js';
import type { Answer } from './link.js';
import { inDatabase, type Script, type ScriptCall } from './script.js';

// One node of a cluster that is silent for so long is left out, so that the others' answers need not wait for it.
const SILENT_AFTER = 1000;

const DEAD_AFTER = 10_000;

/** What a lane may do with its client. */
export interface LaneOptions {
  readonly client: RedisClient;
  readonly address: string;
  /** The client is ours: it may be made to reconnect. */
  readonly owned: boolean;
  /** What is known of why it is not connected. */
  readonly trouble?: Trouble;
  /** The database of its keys; 0 by default. */
  readonly database?: number;
  /** The client is one of a cluster's: commands sent while it is being connected wait for it. */
  readonly node: boolean;
  /** A connection that has left commands without any answer for so many milliseconds is dead, whatever TCP believes; 10,000 by default. */
  readonly deadAfter?: number;
}

/** The connection to one server: several scripts go out in one piece, and a script that it has forgotten is sent anew. */
export class Lane {
  readonly #options: LaneOptions;
  #waiting = 0;
  #heard = 0;
  #closed = false;
  /** Since when the connection has been accepted without being ready. */
  #accepted: number | undefined;
  readonly #inDatabase = new WeakMap<Script, Script>();

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get client(): RedisClient {
    return this.#options.client;
  }

  /** Never rejects. */
  send(calls: readonly ScriptCall[]): Promise<readonly Answer[]> {
    const refusal = this.refusal();
    if (refusal) return Promise.resolve(calls.map(() => ({ fault: refusal })));
    if (this.#waiting++ === 0) this.#heard = performance.now();
    return this.#execute(this.#placed(calls), NONE).then((replies) => {
      this.#waiting--;
      this.#heard = performance.now();
      return replies.some(isForgotten) ? this.#again(this.#placed(calls), replies) : this.#answers(replies);
    });
  }

  close(): void {
    this.#closed = true;
    if (this.#options.owned) this.#options.client.disconnect();
  }

  /** Why nothing can be sent now; `undefined` where it can. */
  refusal(): StoreFault | undefined {
    const { client, address, owned, node, trouble, deadAfter = DEAD_AFTER } = this.#options;
    if (this.#closed) return notSent(address, 'the connection was closed.', new ClosedError('The connection'));
    const { status } = client;
    if (status !== 'ready' && !(node && (status === 'wait' || status === 'connecting' || status === 'connect'))) {
      this.#makeReady(status);
      return notConnected(address, status, trouble?.last);
    }
    this.#accepted = undefined;
    const silence = this.#waiting === 0 ? 0 : performance.now() - this.#heard;
    if (silence > deadAfter && owned) client.disconnect(true);
    if (silence > (node ? SILENT_AFTER : deadAfter)) return notSent(address, `silent for ${Math.round(silence)} ms.`);
    return undefined;
  }

  /**
   * The scripts, each in the database of its keys: ioredis says nothing of a SELECT that was refused when it connected anew, and an
   * application may select another on a client of its own.
   */
  #placed(calls: readonly ScriptCall[]): readonly ScriptCall[] {
    const { database = 0 } = this.#options;
    if (database === 0) return calls;
    return calls.map((call) => ({
      ...call,
      script: getOrMake(this.#inDatabase, call.script, () => inDatabase(call.script, database)),
    }));
  }

  /** A connection that was accepted and is not ready in time is given up for another. */
  #makeReady(status: string): void {
    const { client, owned, deadAfter = DEAD_AFTER } = this.#options;
    const now = performance.now();
    this.#accepted = status === 'connect' ? (this.#accepted ?? now) : undefined;
    if (this.#accepted === undefined || now - this.#accepted <= deadAfter || !owned) return;
    this.#accepted = undefined;
    client.disconnect(true);
  }

  /** Sends those again that the server did not know, with their source. */
  async #again(calls: readonly ScriptCall[], replies: readonly unknown[]): Promise<readonly Answer[]> {
    const indexes = calls.flatMap((_, index) => (isForgotten(replies[index]) ? [index] : []));
    const again = indexes.map((index) => calls[index]!);
    const answers = await this.#execute(again, new Set(again.map(({ script }) => script)));
    const all = [...replies];
    indexes.forEach((index, at) => {
      all[index] = answers[at];
    });
    return this.#answers(all);
  }

  #answers(replies: readonly unknown[]): readonly Answer[] {
    const { address } = this.#options;
    return replies.map((reply) => (reply instanceof Error ? { fault: redisFault(address, reply) } : { reply }));
  }

  /** The replies, errors among them. The first run of each of `unknown` carries its source. */
  #execute(calls: readonly ScriptCall[], unknown: ReadonlySet<Script>): Promise<readonly unknown[]> {
    const { client } = this.#options;
    if (calls.length === 1) {
      const { script, keys, args } = calls[0]!;
      const run = unknown.has(script)
        ? client.eval(script.source, keys.length, keys, args)
        : client.evalsha(script.sha, keys.length, keys, args);
      return run.then(
        (reply) => [reply],
        (error) => [error],
      );
    }
    const unsent = new Set(unknown);
    const pipeline = client.pipeline();
    for (const { script, keys, args } of calls) {
      if (unsent.delete(script)) pipeline.eval(script.source, keys.length, keys, args);
      else pipeline.evalsha(script.sha, keys.length, keys, args);
    }
    return pipeline.exec().then(
      (results) => results!.map(([error, reply]) => error ?? reply),
      (error) => calls.map(() => error),
    );
  }
}

const NONE: ReadonlySet<Script> = new Set();

const isForgotten = (reply: unknown): boolean => reply instanceof Error && replyCode(reply) === 'NOSCRIPT';
