import { installDebianPackage } from './debian-package.js';
import { clearRedis, findRedis, startSharedRedis } from './found-redis.js';
import { findMariadb, startMariadb } from './mariadb-server.js';
import { findPostgres, startPostgres } from './postgres-server.js';
import { runName } from './run-name.js';
import type { TestServer } from './test-server.js';

interface ServerKind {
  readonly name: string;
  readonly variable: 'REDIS_URL' | 'POSTGRES_URL' | 'MYSQL_URL';
  readonly debianPackage: string;
  find(ownName: string): Promise<TestServer | undefined>;
  /** Removes what the run left on a server that was given. */
  clear?(url: string, ownName: string): Promise<void>;
  start(): Promise<TestServer | undefined>;
}

const KINDS: readonly ServerKind[] = [
  {
    name: 'Redis 7',
    variable: 'REDIS_URL',
    debianPackage: 'redis-server',
    find: findRedis,
    clear: clearRedis,
    start: startSharedRedis,
  },
  {
    name: 'PostgreSQL',
    variable: 'POSTGRES_URL',
    debianPackage: 'postgresql',
    find: findPostgres,
    start: startPostgres,
  },
  { name: 'MariaDB', variable: 'MYSQL_URL', debianPackage: 'mariadb-server', find: findMariadb, start: startMariadb },
];

/** Finds or starts the servers, and says in `process.env` where they are. Returns what ends it all. */
export async function provideServers(): Promise<() => Promise<void>> {
  const ownName = runName();
  // One after the other: apt does not run twice at once.
  const servers: TestServer[] = [];
  const stop = async () => {
    const stopped = await Promise.allSettled(servers.map((server) => server.stop()));
    for (const result of stopped) if (result.status === 'rejected') throw result.reason;
  };
  try {
    for (const kind of KINDS) {
      const server = await provide(kind, ownName);
      servers.push(server);
      process.env[kind.variable] = server.url;
      console.log(`${kind.name}: ${server.how}`);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  process.env.HOLDFAST_TEST_NAMESPACE = ownName;
  return stop;
}

async function provide(kind: ServerKind, ownName: string): Promise<TestServer> {
  if (process.env.HOLDFAST_TEST_SERVERS !== 'private') {
    const url = process.env[kind.variable];
    if (url) return { url, how: `given as ${kind.variable}`, stop: async () => kind.clear?.(url, ownName) };
    const found = await kind.find(ownName);
    if (found) return found;
  }
  const started = (await kind.start()) ?? (installDebianPackage(kind.debianPackage) ? await kind.start() : undefined);
  if (started) return started;
  throw new Error(
    `The tests need ${kind.name}, and none was found: ${kind.variable} is not set, none that lets us in listens on its usual port, and none is installed. ` +
      `Install it (on Debian: apt-get install ${kind.debianPackage}), or set ${kind.variable} to one that the tests may write to.`,
  );
}
