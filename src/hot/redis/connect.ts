import { MissingPackageError, ValidationError } from '../../core/errors.js';
import { type ClusterClient, isCluster, type RedisClient } from './client.js';
import { ClusterLink } from './cluster.js';
import { isAway } from './fault.js';
import { OPENING } from './in-time.js';
import type { RedisLink } from './link.js';
import {
  type CheckedConnection,
  checkConnection,
  credentialsOf,
  type RedisConnection,
  type RedisCredentials,
} from './options.js';
import { singleLink } from './single.js';
import { UncheckedLink } from './unchecked-link.js';
import { untilReady } from './until-ready.js';

export type { RedisConnection } from './options.js';

/** How {@link connectRedis} connects. */
export interface ConnectOptions {
  /** How long opening may take, in milliseconds; 10,000 by default. */
  readonly timeout?: number;
  /** A Redis that cannot be reached now is connected to later, and checked before anything is asked of it. */
  readonly mayBeAway?: boolean;
  /** Loads the package; for tests. */
  readonly load?: () => Promise<unknown>;
}

/** As much of the package ioredis as is used. */
interface Ioredis {
  readonly Redis: new (options: object) => unknown;
  readonly Cluster: new (nodes: readonly object[], options: object) => unknown;
}

/** Milliseconds before the next try to connect: doubled from 50 to 2,000, and a little by chance. */
export const backoff = (tries: number) =>
  Math.round(Math.min(50 * 2 ** Math.min(tries - 1, 10), 2000) * (1 - Math.random() * 0.2));

// A command on a dead connection fails at once, one in flight when it breaks fails then: the tiers above know what to do.
// Nothing is sent a second time, so that no command arrives after a later one.
const failFast = {
  lazyConnect: true,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  enableAutoPipelining: false,
  connectTimeout: 5000,
  disconnectTimeout: 200,
  keepAlive: 30_000,
  retryStrategy: backoff,
  // A master that was made a replica: ask the name, or Sentinel, again.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
};

/** A way to Redis, and the client that it is made of. */
export interface RedisConnected {
  readonly link: RedisLink;
  readonly client: RedisClient | ClusterClient;
  /** Why it cannot be reached now, where it may be away. */
  readonly away?: unknown;
}

/** As {@link connectClient}, for who needs no more than the link. */
export async function connectRedis(option: RedisConnection, options?: ConnectOptions): Promise<RedisLink> {
  return (await connectClient(option, options)).link;
}

/**
 * Connects to Redis 7 or later, or Valkey, and makes sure that it answers.
 * @throws StoreFault where it cannot be reached, or does not let in; ValidationError for an option or a server that will not
 * do; MissingPackageError
 */
export async function connectClient(option: RedisConnection, options: ConnectOptions = {}): Promise<RedisConnected> {
  const checked = checkConnection(option);
  const { address } = checked;
  const owned = checked.type !== 'client' && checked.type !== 'cluster-client';
  const client = owned
    ? makeClient(checked, await loadIoredis(options.load))
    : (checked as { client: RedisClient | ClusterClient }).client;
  const link = isCluster(client) ? new ClusterLink(client, address, owned) : singleLink(client, address, owned);
  const { mayBeAway = false, timeout = OPENING } = options;
  const readiness = { client, address, impatient: owned || mayBeAway, timeout, check: () => check(client, checked) };
  try {
    await untilReady(readiness);
    return { link, client };
  } catch (error) {
    if (mayBeAway && isAway(error)) return { link: new UncheckedLink(link, readiness, error), client, away: error };
    await link.close();
    throw error;
  }
}

async function loadIoredis(load = (): Promise<unknown> => import('ioredis')): Promise<Ioredis> {
  try {
    return (await load()) as Ioredis;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new MissingPackageError('ioredis', "The option 'redis'", { cause: error });
  }
}

function makeClient(checked: CheckedConnection, { Redis, Cluster }: Ioredis): RedisClient | ClusterClient {
  switch (checked.type) {
    case 'url': {
      const { url } = checked;
      return new Redis({
        ...failFast,
        host: url.hostname.replace(/^\[|\]$/g, '') || 'localhost',
        port: Number(url.port || 6379),
        db: Number(url.pathname.slice(1) || 0),
        ...ioredisCredentials(credentialsOf(url)),
      }) as RedisClient;
    }
    case 'sentinel': {
      const { sentinels, name, db, sentinelUsername, sentinelPassword, sentinelTls } = checked.option;
      return new Redis({
        ...failFast,
        sentinels: [...sentinels],
        name,
        db: db ?? 0,
        ...ioredisCredentials(checked.option),
        enableTLSForSentinelMode: Boolean(checked.option.tls),
        ...(sentinelUsername !== undefined && { sentinelUsername }),
        ...(sentinelPassword !== undefined && { sentinelPassword }),
        ...(sentinelTls && { sentinelTLS: sentinelTls === true ? {} : sentinelTls }),
        sentinelRetryStrategy: backoff,
        // The next is asked where one accepts and never answers.
        sentinelCommandTimeout: 2000,
      }) as RedisClient;
    }
    case 'cluster': {
      const { retryStrategy, enableOfflineQueue, lazyConnect, ...redisOptions } = failFast;
      return new Cluster(checked.nodes, {
        lazyConnect,
        enableOfflineQueue,
        enableAutoPipelining: false,
        clusterRetryStrategy: retryStrategy,
        slotsRefreshTimeout: 2000,
        ...(checked.natMap && { natMap: checked.natMap }),
        redisOptions: { ...redisOptions, ...ioredisCredentials(checked.credentials) },
      }) as ClusterClient;
    }
    default:
      return checked.client;
  }
}

function ioredisCredentials({ username, password, tls }: RedisCredentials): object {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls && { tls: tls === true ? {} : tls }),
  };
}

/** Whether what answers can do what is needed. @throws ValidationError */
async function check(client: RedisClient | ClusterClient, { type, address }: CheckedConnection): Promise<void> {
  if (isCluster(client)) {
    await Promise.all((client.nodes('master') as RedisClient[]).map((node) => checkServer(node, address)));
    return;
  }
  const mode = await checkServer(client, address);
  if (mode === 'cluster')
    throw new ValidationError(
      `Redis at ${address} is a node of a cluster, but is connected to as a single server. Give { cluster: ['${type === 'url' ? 'redis://' : ''}${address}'] }, or an ioredis Cluster.`,
    );
  if (mode === 'sentinel')
    throw new ValidationError(
      `Redis at ${address} is a sentinel, but is connected to as a server. Give { sentinels: [{ host, port }], name }.`,
    );
}

async function checkServer(client: RedisClient, address: string): Promise<string | undefined> {
  const info = await client.info('server');
  const version = /^redis_version:(\S+)/m.exec(info)?.[1];
  if (!(Number.parseInt(version ?? '', 10) >= 7))
    throw new ValidationError(
      `Redis at ${address} is of version ${version ?? 'unknown'}, but script flags need 7.0 or later. Upgrade it, or use Valkey.`,
    );
  return /^redis_mode:(\S+)/m.exec(info)?.[1];
}
