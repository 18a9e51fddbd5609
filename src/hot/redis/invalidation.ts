import { textOf } from '../../core/error-text.js';
import { ClosedError } from '../../core/errors.js';
import { StoreFault } from '../../core/fallback-driver.js';
import type { HotOpenOptions } from '../../core/hot-store.js';
import type { Invalidation, InvalidationStatus, Listening } from '../../core/invalidation.js';
import type { Schema } from '../../core/schema.js';
import { channelOf, idsOf, tellAllLua } from './channel.js';
import type { ClusterClient, RedisClient } from './client.js';
import { backoff } from './connect.js';
import { errorText, isAway, redisFault, replyCode } from './fault.js';
import { inTime, OPENING } from './in-time.js';
import { redisKey } from './key.js';
import type { RedisLink } from './link.js';
import { keyPrefixOf, listenerOf } from './listener.js';
import { luaScript } from './script.js';
import { Subscription } from './subscription.js';

/** What a Redis invalidation channel is made of. */
export interface RedisInvalidationOptions {
  /** Open, and closed by whoever opened it. */
  readonly connection: RedisLink;
  /** What the connection is made of. Nothing is subscribed on it, but on others like it. */
  readonly client: RedisClient | ClusterClient;
  /** What every key starts with; `''` for nothing. */
  readonly namespace: string;
  readonly listening: Listening;
}

/**
 * Listens to the channels of entities; with `mayBeAway` from when Redis can be reached.
 *
 * @throws StoreFault where Redis cannot be reached, or does not let in
 */
export async function redisInvalidation(
  options: RedisInvalidationOptions,
  { mayBeAway }: HotOpenOptions = {},
): Promise<Invalidation> {
  const invalidation = new RedisInvalidation(options);
  await invalidation.open(mayBeAway);
  return invalidation;
}

const telling = luaScript(`${tellAllLua}return 0`);

// Inside a script the answer has a code of its own.
const isRefusal = ({ cause }: StoreFault): boolean =>
  replyCode(cause) === 'NOPERM' || /user executing the script|ACL failure/.test(errorText(cause));

class RedisInvalidation implements Invalidation {
  readonly #options: RedisInvalidationOptions;
  readonly #listening: Listening;
  #status: InvalidationStatus;
  #subscription: Subscription | undefined;
  #closed = false;
  #mayTell = false;
  readonly #tidy: (() => void)[] = [];
  #wake = () => {};
  #keeping: Promise<void> | undefined;

  constructor(options: RedisInvalidationOptions) {
    this.#options = options;
    this.#listening = options.listening;
    this.#status = { state: 'down', since: this.#listening.clock.now() };
  }

  async open(mayBeAway: boolean | undefined): Promise<void> {
    this.#followClient();
    try {
      this.#keeping = this.#keep(await this.#subscribe());
    } catch (error) {
      if (mayBeAway && isAway(error)) {
        this.#turn({ ...this.#status, cause: error });
        this.#keeping = this.#renew().then((first) => this.#keep(first));
        return;
      }
      await this.close();
      throw error;
    }
  }

  status(): InvalidationStatus {
    return this.#status;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const cause = new ClosedError('The invalidation channel');
    this.#status = { state: 'down', since: this.#listening.clock.now(), cause };
    for (const step of this.#tidy) step();
    this.#subscription?.end(cause);
    this.#wake();
    await this.#keeping;
  }

  /** Whenever the connection for commands breaks, another server may answer by its name afterwards; only then is it asked for. */
  #followClient(): void {
    const { client } = this.#options;
    const follow = () => this.#subscription?.end(new Error('the connection for commands was closed'));
    const again = () => this.#wake();
    client.on('close', follow);
    client.on('ready', again);
    this.#tidy.push(
      () => client.off('close', follow),
      () => client.off('ready', again),
    );
  }

  /** Finds out whether a write may tell of itself: where it may not, it would fail. @throws StoreFault */
  async #tryToTell(): Promise<void> {
    const { connection, namespace, listening } = this.#options;
    const nobody = { id: '', parts: [] };
    const calls = listening.schemas.map((schema) => ({
      script: telling,
      keys: [redisKey(namespace, schema, nobody)],
      args: [],
    }));
    const answers = await inTime(connection.run(calls), OPENING).catch((error: unknown) => {
      throw redisFault(connection.address, error);
    });
    for (const { fault } of answers) if (fault) throw fault;
    if (this.#closed) throw new ClosedError('The invalidation channel');
  }

  /** Renews the subscription each time it is lost, until this is closed. */
  async #keep(first: Subscription | undefined): Promise<void> {
    let subscription = first;
    while (subscription) {
      const cause: unknown = await subscription.ended;
      if (this.#closed) return;
      this.#turn({ state: 'down', since: this.#listening.clock.now(), cause });
      subscription = await this.#renew();
    }
  }

  async #renew(): Promise<Subscription | undefined> {
    for (let tries = 1; ; tries++) {
      await this.#pause(backoff(tries));
      if (this.#closed) return undefined;
      if (this.#options.client.status !== 'ready') continue;
      try {
        return await this.#subscribe();
      } catch (error) {
        if (this.#closed) return undefined;
        const { since, cause } = this.#status;
        // That it may not is another reason than that it cannot.
        if (!isAway(error) && textOf(error) !== textOf(cause)) this.#turn({ state: 'down', since, cause: error });
        else this.#status = { ...this.#status, cause: error };
      }
    }
  }

  /** @throws StoreFault */
  async #subscribe(): Promise<Subscription> {
    try {
      if (!this.#mayTell) await this.#tryToTell();
      this.#mayTell = true;
      return await this.#listen();
    } catch (error) {
      throw this.#refusal(error);
    }
  }

  /** What was told while nobody listened was missed. @throws StoreFault */
  async #listen(): Promise<Subscription> {
    const { client, connection, namespace, listening } = this.#options;
    const prefix = keyPrefixOf(client);
    const schemas = new Map<string, Schema>();
    for (const schema of listening.schemas) schemas.set(channelOf(prefix, namespace, schema), schema);
    const subscription = new Subscription({
      listener: listenerOf(client, connection.address),
      channels: [...schemas.keys()],
      clock: listening.clock,
      heard: (channel, message) => {
        const schema = schemas.get(channel);
        const ids = idsOf(message);
        if (schema && ids.length > 0 && !this.#closed) listening.changed(schema, ids);
      },
    });
    this.#subscription = subscription;
    await subscription.open();
    this.#turn({ state: 'up', since: listening.clock.now() });
    return subscription;
  }

  /** What is wrong, and where it is a permission, which. */
  #refusal(error: unknown): unknown {
    const { client, connection, namespace, listening } = this.#options;
    if (!(error instanceof StoreFault) || !isRefusal(error)) return error;
    const fact = errorText(error.cause);
    const prefix = keyPrefixOf(client) + (namespace && `${namespace}:`);
    const channels = prefix ? `&${prefix}* ` : listening.schemas.map((of) => `&${channelOf('', '', of)} `).join('');
    return new StoreFault(
      `Redis at ${connection.address} does not let its user tell other processes of changes, nor hear of theirs, which entities with @Cached do: ${fact}. Allow it: ACL SETUSER <name> ${fact.includes('channel') ? channels : ''}+publish +subscribe +ping`,
      'none',
      { cause: error.cause },
    );
  }

  #turn(status: InvalidationStatus): void {
    if (this.#closed) return;
    this.#status = status;
    this.#listening.doubt();
    this.#listening.onState?.(status);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#listening.clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
