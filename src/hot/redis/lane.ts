import { ClosedError } from '../../core/errors.js';
import type { RedisClient } from './client.js';
import { notSent, redisFault, replyCode } from './fault.js';
import type { Answer } from './link.js';
import type { Script, ScriptCall } from './script.js';

// A connection that has left commands without any answer for so long is dead, whatever TCP believes.
const DEAD_AFTER = 10_000;
// One node of a cluster that is silent for so long is left out, so that the others' answers need not wait for it.
const SILENT_AFTER = 1000;

/** What a lane may do with its client. */
export interface LaneOptions {
  readonly client: RedisClient;
  readonly address: string;
  /** The client is ours: it may be made to reconnect. */
  readonly owned: boolean;
  /** The client is one of a cluster's: commands sent while it is being connected wait for it. */
  readonly node: boolean;
}

/** The connection to one server: several scripts go out in one piece, and a script that it has forgotten is sent anew. */
export class Lane {
  readonly #options: LaneOptions;
  #waiting = 0;
  #heard = 0;
  #closed = false;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get client(): RedisClient {
    return this.#options.client;
  }

  /** Never rejects. */
  async send(calls: readonly ScriptCall[]): Promise<Answer[]> {
    const refusal = this.#refusal();
    if (refusal) return calls.map(() => ({ fault: refusal }));
    if (this.#waiting++ === 0) this.#heard = performance.now();
    try {
      return await this.#answers(calls);
    } finally {
      this.#waiting--;
      this.#heard = performance.now();
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#options.owned) this.#options.client.disconnect();
  }

  #refusal() {
    const { client, address, owned, node } = this.#options;
    if (this.#closed) return notSent(address, 'the connection was closed.', new ClosedError('The connection'));
    const { status } = client;
    if (status !== 'ready' && !(node && (status === 'wait' || status === 'connecting' || status === 'connect')))
      return notSent(address, `not connected (${status}).`);
    const silence = this.#waiting === 0 ? 0 : performance.now() - this.#heard;
    if (silence > DEAD_AFTER && owned) client.disconnect(true);
    if (silence > (node ? SILENT_AFTER : DEAD_AFTER)) return notSent(address, `silent for ${Math.round(silence)} ms.`);
    return undefined;
  }

  async #answers(calls: readonly ScriptCall[]): Promise<Answer[]> {
    const replies = await this.#execute(calls, new Set());
    const unknown = calls.flatMap((_, index) => (replyCode(replies[index]) === 'NOSCRIPT' ? [index] : []));
    if (unknown.length > 0) {
      const again = unknown.map((index) => calls[index]!);
      const answers = await this.#execute(again, new Set(again.map(({ script }) => script)));
      unknown.forEach((index, at) => {
        replies[index] = answers[at];
      });
    }
    const { address } = this.#options;
    return replies.map((reply) => (reply instanceof Error ? { fault: redisFault(address, reply) } : { reply }));
  }

  /** The replies, errors among them. The first run of each of `unknown` carries its source. */
  async #execute(calls: readonly ScriptCall[], unknown: Set<Script>): Promise<unknown[]> {
    const { client } = this.#options;
    try {
      if (calls.length === 1) {
        const { script, keys, args } = calls[0]!;
        return [
          await (unknown.has(script)
            ? client.eval(script.source, keys.length, keys, args)
            : client.evalsha(script.sha, keys.length, keys, args)),
        ];
      }
      const pipeline = client.pipeline();
      for (const { script, keys, args } of calls) {
        if (unknown.delete(script)) pipeline.eval(script.source, keys.length, keys, args);
        else pipeline.evalsha(script.sha, keys.length, keys, args);
      }
      const results = await pipeline.exec();
      return calls.map((_, index) => {
        const [error, reply] = results![index]!;
        return error ?? reply;
      });
    } catch (error) {
      return calls.map(() => error);
    }
  }
}
