import { connect } from 'node:net';
import { freePort } from './free-port.js';
import { type ServerProcess, startServer, temporaryFolder } from './server-process.js';

/** How {@link startRedis} starts a server. */
export interface RedisOptions {
  /** Further arguments of `redis-server`; the last of two that are alike counts. */
  readonly args?: readonly string[];
  readonly password?: string;
  /** The folder of its files; left out: a temporary one, removed by `stop()` and when this process ends. */
  readonly dir?: string;
  readonly port?: number;
  /** The port of the server that this one is a replica of. */
  readonly replicaOf?: number;
}

/** A Redis server of this test's own. */
export interface RedisServer extends ServerProcess {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
}

/** The program that is started: `REDIS_SERVER`, by default `redis-server`. */
export const redisCommand = process.env.REDIS_SERVER ?? 'redis-server';

/** Starts a Redis server on a free port, keeping nothing on disk unless `args` ask for it, and waits until it answers. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  if (options.port !== undefined) return start(options, options.port);
  for (let tries = 1; ; tries++) {
    try {
      return await start(options, await freePort());
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

async function start(options: RedisOptions, port: number): Promise<RedisServer> {
  const { password, replicaOf } = options;
  const dir = options.dir ?? (await temporaryFolder('redis'));
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no'];
  // A replica counts as one only after its first sync and the master's first ping.
  args.push('--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1', '--shutdown-timeout', '0');
  if (password !== undefined) args.push('--requirepass', password, '--masterauth', password);
  if (replicaOf !== undefined) args.push('--replicaof', '127.0.0.1', String(replicaOf));
  const server = await startRedisProcess([...args, ...(options.args ?? [])], port, dir, options.dir === undefined);
  return {
    ...server,
    url: `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`,
  };
}

/** Starts `redis-server` and waits until it answers on `port`. */
export async function startRedisProcess(
  args: readonly string[],
  port: number,
  dir: string,
  temporary: boolean,
): Promise<Omit<RedisServer, 'url'>> {
  const server = await startServer({ command: redisCommand, args, dir, temporary, ready: () => answers(port) });
  return { ...server, port, dir };
}

/** Whether a server on the port has loaded its data and answers; "give a password" is an answer too. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write('PING\r\n'));
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once('data', (reply) => end(/^(\+PONG|-NOAUTH|-MASTERDOWN)/.test(String(reply))));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.setTimeout(1000, () => end(false));
  });
}
