import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './free-port.js';
import { isLeftBehind } from './run-name.js';
import { startServer, temporaryFolder, userFor } from './server-process.js';
import type { TestServer } from './test-server.js';

const DEBIAN = '/usr/lib/postgresql';

/** The folder of the installed PostgreSQL's programs, the newest first; '' where they are on the PATH; `undefined` where there are none. */
function programs(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(DEBIAN, version, 'bin')), ...(process.env.PATH ?? '').split(':')];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

/** Starts a PostgreSQL of this run's own; `undefined` where none is installed. */
export async function startPostgres(): Promise<TestServer | undefined> {
  const folder = programs();
  if (folder === undefined) return undefined;
  const user = userFor('postgres');
  const dir = await temporaryFolder('postgres', user, (cwd) =>
    promisify(execFile)(
      join(folder, 'initdb'),
      ['-D', join(cwd, 'data'), '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync'],
      { cwd, ...user },
    ),
  );
  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', max_connections: '300' };
  const url = `postgresql://postgres@127.0.0.1:${port}`;
  const server = await startServer({
    command: join(folder, 'postgres'),
    args: [
      '-D',
      join(dir, 'data'),
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    dir,
    temporary: true,
    user,
    stopSignal: 'SIGINT',
    ready: () => query(`${url}/postgres`, 'SELECT 1').then(() => true),
  });
  await query(`${url}/postgres`, 'CREATE DATABASE test');
  return { url: `${url}/test`, how: 'started', stop: () => server.stop() };
}

/** A database of this run's own on a server that listens already; `undefined` where there is none that lets us in. */
export async function findPostgres(database: string): Promise<TestServer | undefined> {
  const login = encodeURIComponent(process.env.PGUSER ?? 'postgres');
  const password = process.env.PGPASSWORD === undefined ? '' : `:${encodeURIComponent(process.env.PGPASSWORD)}`;
  const url = `postgresql://${login}${password}@127.0.0.1:5432`;
  try {
    await query(`${url}/postgres`, `CREATE DATABASE ${database}`);
  } catch {
    return undefined;
  }
  for (const { datname } of await query<{ datname: string }>(`${url}/postgres`, 'SELECT datname FROM pg_database'))
    if (isLeftBehind(datname)) await query(`${url}/postgres`, `DROP DATABASE IF EXISTS ${datname}`);
  return {
    url: `${url}/${database}`,
    how: 'found on port 5432',
    stop: async () => void (await query(`${url}/postgres`, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`)),
  };
}

async function query<R extends pg.QueryResultRow>(connectionString: string, sql: string): Promise<R[]> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}
