// As much of ioredis as is used here, by shape: an application's own copy of ioredis, of another version, will do.

/** As much of an ioredis `Redis` as is used. */
export interface RedisClient {
  readonly status: string;
  readonly options: {
    readonly host?: string | undefined;
    readonly port?: number | undefined;
    readonly keyPrefix?: string | undefined;
    readonly db?: number | undefined;
  };
  // biome-ignore lint/suspicious/noExplicitAny: ioredis flattens its arguments, which its types do not say
  evalsha(...args: any[]): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  eval(...args: any[]): Promise<unknown>;
  pipeline(): RedisPipeline;
  info(section: string): Promise<string>;
  select(db: number): Promise<unknown>;
  ping(): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  subscribe(...channels: any[]): Promise<unknown>;
  /** Another client like this one, of the same copy of ioredis. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  duplicate(...override: any[]): any;
  connect(): Promise<void>;
  disconnect(reconnect?: boolean): void;
  // biome-ignore lint/suspicious/noExplicitAny: an event's arguments are its own
  on(event: string, listener: (...args: any[]) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  off(event: string, listener: (...args: any[]) => void): unknown;
}

/** As much of an ioredis `Cluster` as is used. */
export interface ClusterClient extends Pick<RedisClient, 'status' | 'connect' | 'disconnect' | 'on' | 'off'> {
  readonly isCluster: boolean;
  readonly options: { readonly keyPrefix?: string | undefined };
  /** For each slot the `host:port` of its nodes, the master first. */
  readonly slots: readonly (readonly string[])[];
  // biome-ignore lint/suspicious/noExplicitAny: the nodes of the copy of ioredis that the cluster is of
  nodes(role?: 'all' | 'master' | 'slave'): any[];
  refreshSlotsCache(done?: (error?: Error | null) => void): void;
}

export const isCluster = (client: RedisClient | ClusterClient): client is ClusterClient =>
  'isCluster' in client && client.isCluster;

/** As much of an ioredis pipeline as is used. */
export interface RedisPipeline {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  evalsha(...args: any[]): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  eval(...args: any[]): unknown;
  exec(): Promise<[error: Error | null, result: unknown][] | null>;
}

/** Tells when a client's connection is gone, and when it is there again; returns what ends that. */
export function watchConnection(client: Pick<RedisClient, 'on' | 'off'>, heard: (there: boolean) => void): () => void {
  const gone = () => heard(false);
  const there = () => heard(true);
  client.on('close', gone);
  client.on('ready', there);
  return () => {
    client.off('close', gone);
    client.off('ready', there);
  };
}

/** Why a client has no connection, from when one is lost to when one is there. */
export interface Trouble {
  /** The last error; `undefined` where all is well, or nothing is known. */
  readonly last: unknown;
  end(): void;
}

/** Takes the errors of a client's connection, which ioredis would otherwise write to the console. */
export function hearTrouble(client: Pick<RedisClient, 'on' | 'off'>): Trouble {
  let last: unknown;
  const heard = (error: unknown) => {
    last = (error as { lastNodeError?: unknown } | undefined)?.lastNodeError ?? error;
  };
  const over = () => {
    last = undefined;
  };
  client.on('error', heard);
  client.on('ready', over);
  return {
    get last() {
      return last;
    },
    end() {
      client.off('error', heard);
      client.off('ready', over);
    },
  };
}
