import { type ClusterClient, isCluster, type RedisClient } from './client.js';
import { notSent } from './fault.js';

/** A client for listening alone, not connected yet. */
export interface Listener {
  readonly client: RedisClient;
  readonly address: string;
  /** Whether the cluster still has the node, and by the same connection. Of one server always true. */
  belongs(): boolean;
}

// It connects when it is told to, once: whoever holds it has to know of each break. What it subscribes to has its full name.
const once = {
  lazyConnect: true,
  retryStrategy: null,
  sentinelRetryStrategy: null,
  reconnectOnError: null,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: false,
  enableAutoPipelining: false,
  // Also finds out whether it is the master that Sentinel means.
  enableReadyCheck: true,
  readOnly: false,
  connectTimeout: 5000,
  disconnectTimeout: 200,
  keyPrefix: '',
};

/** What a client puts before its keys; where both have one, that of a cluster's nodes counts. */
export function keyPrefixOf(client: RedisClient | ClusterClient): string {
  const [node] = isCluster(client) ? (client.nodes() as RedisClient[]) : [];
  return node?.options.keyPrefix || client.options.keyPrefix || '';
}

/**
 * A client like the given one; of a cluster, of any of its nodes, each of which hears what is published on any other.
 * @throws StoreFault where the cluster has no node
 */
export function listenerOf(client: RedisClient | ClusterClient, address: string): Listener {
  if (!isCluster(client))
    return {
      client: client.duplicate(once),
      address,
      belongs: () => true,
    };
  const nodes = client.nodes() as RedisClient[];
  const node = nodes[Math.floor(Math.random() * nodes.length)];
  if (!node) throw notSent(address, `not connected (${client.status}).`);
  return {
    client: node.duplicate(once),
    address: `${node.options.host}:${node.options.port}`,
    belongs: () => client.nodes().includes(node),
  };
}
