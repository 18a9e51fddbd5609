import { ValidationError } from '../../core/errors.js';
import type { ClusterClient, RedisClient } from './client.js';

/** A server, sentinel or node. Port 6379 (a sentinel: 26379) if left out. */
export interface RedisAddress {
  readonly host: string;
  readonly port?: number;
}

/** What it takes to be let in. */
export interface RedisCredentials {
  readonly username?: string;
  readonly password?: string;
  /** `true`, or options of `tls.connect`. */
  readonly tls?: boolean | object;
}

/** A master that Sentinel knows by name. */
export interface SentinelConnection extends RedisCredentials {
  readonly sentinels: readonly RedisAddress[];
  readonly name: string;
  readonly db?: number;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
  readonly sentinelTls?: boolean | object;
}

/** A Redis Cluster, by some of its nodes: as URLs, or as addresses with what lets in to all of them. */
export interface ClusterConnection extends RedisCredentials {
  readonly cluster: readonly (string | RedisAddress)[];
  /** Where nodes are reached elsewhere than where they say: their `host:port`, and where they are. */
  readonly natMap?: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
}

/** How Redis is reached: a `redis:` or `rediss:` URL, Sentinel, a cluster, or an ioredis client, which is not closed with Holdfast. */
export type RedisConnection = string | SentinelConnection | ClusterConnection | RedisClient | ClusterClient;

/** A connection option, told apart and checked. */
export type CheckedConnection =
  | { readonly type: 'url'; readonly url: URL; readonly address: string }
  | { readonly type: 'sentinel'; readonly option: SentinelConnection; readonly address: string }
  | {
      readonly type: 'cluster';
      readonly nodes: readonly { readonly host: string; readonly port: number }[];
      readonly credentials: RedisCredentials;
      readonly natMap: ClusterConnection['natMap'];
      readonly address: string;
    }
  | { readonly type: 'client'; readonly client: RedisClient; readonly address: string }
  | { readonly type: 'cluster-client'; readonly client: ClusterClient; readonly address: string };

const SUBJECT = "The option 'redis'";
const REMEDY =
  'Give a redis: or rediss: URL, an ioredis Redis or Cluster, { sentinels: [{ host, port }], name }, or { cluster: [{ host, port }] }.';

const refuse = (fact: string): never => {
  throw new ValidationError(`${SUBJECT} ${fact}. ${REMEDY}`);
};

/** Tells what kind of connection an option asks for. @throws ValidationError, which never shows a password */
export function checkConnection(option: unknown): CheckedConnection {
  if (typeof option === 'string') return checkUrl(option);
  if (typeof option !== 'object' || option === null) return refuse(`is of type ${typeof option}`);
  if ('cluster' in option && Array.isArray(option.cluster)) return checkCluster(option as ClusterConnection);
  if ('sentinels' in option && Array.isArray(option.sentinels)) return checkSentinel(option as SentinelConnection);
  if ('isCluster' in option && option.isCluster === true && 'nodes' in option)
    return { type: 'cluster-client', client: option as ClusterClient, address: 'the given Cluster' };
  if ('evalsha' in option && 'options' in option) {
    const client = option as RedisClient;
    return { type: 'client', client, address: addressText(client.options.host ?? 'localhost', client.options.port) };
  }
  return refuse('is none of what it can be');
}

const addressText = (host: string, port = 6379) => `${host}:${port}`;

function checkUrl(text: string): CheckedConnection & { type: 'url' } {
  const url = URL.canParse(text) ? new URL(text) : refuse('is a text, but no URL');
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') refuse(`is a URL that starts with ${url.protocol}`);
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    refuse('is a URL whose user or password has a % that is not followed by two hexadecimal digits; write it as %25');
  }
  if (!/^(\/\d*)?$/.test(url.pathname)) refuse('is a URL whose path is not the number of a database');
  return { type: 'url', url, address: addressText(url.hostname || 'localhost', Number(url.port || 6379)) };
}

function checkSentinel(option: SentinelConnection): CheckedConnection {
  if (option.sentinels.length === 0) refuse('names no sentinel');
  if (typeof option.name !== 'string' || option.name === '') refuse("has sentinels, but not the master's 'name'");
  const [first] = option.sentinels;
  return {
    type: 'sentinel',
    option,
    address: `${option.name} by way of sentinel ${addressText(first!.host, first!.port ?? 26379)}`,
  };
}

function checkCluster(option: ClusterConnection): CheckedConnection {
  if (option.cluster.length === 0) refuse('names no node of the cluster');
  let credentials: RedisCredentials = option;
  const nodes = option.cluster.map((node) => {
    if (typeof node !== 'string') return { host: node.host, port: node.port ?? 6379 };
    const { url } = checkUrl(node);
    credentials = { ...credentialsOf(url), ...credentials };
    return { host: url.hostname || 'localhost', port: Number(url.port || 6379) };
  });
  return {
    type: 'cluster',
    nodes,
    credentials,
    natMap: option.natMap,
    address: addressText(nodes[0]!.host, nodes[0]!.port),
  };
}

/** The user, password and encryption that a URL asks for. */
export function credentialsOf(url: URL): RedisCredentials {
  return {
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    ...(url.protocol === 'rediss:' && { tls: true }),
  };
}
