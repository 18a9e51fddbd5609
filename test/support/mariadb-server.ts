import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { freePort } from './free-port.js';
import { isLeftBehind } from './run-name.js';
import { startServer, temporaryFolder, userFor } from './server-process.js';
import type { TestServer } from './test-server.js';

/** Where the program is: on the PATH, or where Debian puts servers. */
function program(...names: readonly string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/** Starts a MariaDB of this run's own; `undefined` where none is installed. */
export async function startMariadb(): Promise<TestServer | undefined> {
  const install = program('mariadb-install-db');
  const command = program('mariadbd');
  if (install === undefined || command === undefined) return undefined;
  const user = userFor('mysql');
  const dataOf = (folder: string) => `--datadir=${join(folder, 'data')}`;
  const dir = await temporaryFolder('mariadb', user, (cwd) =>
    promisify(execFile)(
      install,
      ['--no-defaults', dataOf(cwd), '--auth-root-authentication-method=normal', '--skip-test-db'],
      { cwd, ...user },
    ),
  );
  const port = await freePort();
  const url = `mysql://root@127.0.0.1:${port}`;
  const server = await startServer({
    command,
    args: [
      '--no-defaults',
      dataOf(dir),
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${join(dir, 'socket')}`,
      `--pid-file=${join(dir, 'pid')}`,
      '--max-connections=300',
      '--innodb-flush-log-at-trx-commit=0',
      '--innodb-buffer-pool-size=64M',
    ],
    dir,
    temporary: true,
    user,
    ready: () => query(url, 'SELECT 1').then(() => true),
  });
  await query(url, 'CREATE DATABASE test');
  return { url: `${url}/test`, how: 'started', stop: () => server.stop() };
}

/** A database of this run's own on a server that listens already; `undefined` where there is none that lets us in. */
export async function findMariadb(database: string): Promise<TestServer | undefined> {
  const url = 'mysql://root@127.0.0.1:3306';
  try {
    await query(url, `CREATE DATABASE ${database}`);
  } catch {
    return undefined;
  }
  for (const { Database } of await query(url, 'SHOW DATABASES'))
    if (isLeftBehind(Database as string)) await query(url, `DROP DATABASE IF EXISTS ${Database as string}`);
  return {
    url: `${url}/${database}`,
    how: 'found on port 3306',
    stop: async () => void (await query(url, `DROP DATABASE IF EXISTS ${database}`)),
  };
}

async function query(uri: string, sql: string): Promise<RowDataPacket[]> {
  const connection = await createConnection({ uri, connectTimeout: 5000 });
  try {
    return (await connection.query<RowDataPacket[]>(sql))[0];
  } finally {
    await connection.end();
  }
}
