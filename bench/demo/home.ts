import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FallbackDriver } from 'holdfast';
import { openDriver } from 'holdfast/testing';
import { dropKinds, dropTables } from '../support/clean-up.js';
import { BY_POPULATION } from './cities-by-population.js';
import { CITY } from './city.js';
import { MAP } from './city-map.js';
import { VISITED } from './visited.js';

/** Of a collection there is also a table of the members. */
const TABLES = [CITY, VISITED, BY_POPULATION, `${BY_POPULATION}_cities`, MAP, `${MAP}_cities`];

/** Where the cities live durably. */
export interface Home {
  readonly name: string;
  /** Where other processes find it; `undefined` where they cannot. */
  readonly url: string | undefined;
  /** For one holdfast. */
  driver(): Promise<FallbackDriver>;
  /** Leaves nothing of the demo in it. */
  remove(): Promise<void>;
}

/** Kinds, of a store that has no tables to drop: those, and what tells of members that are to be deleted. */
const KINDS = [...TABLES, `${BY_POPULATION}_cities_old`, `${MAP}_cities_old`];

const SERVERS: Readonly<Record<string, string>> = {
  postgresql: 'PostgreSQL',
  postgres: 'PostgreSQL',
  mysql: 'MySQL',
  mariadb: 'MariaDB',
  mongodb: 'MongoDB',
  'mongodb+srv': 'MongoDB',
  datastore: 'Datastore',
};

/** Opens what the option `--fallback` stands for: of a directory, only one below it is ours. `several`: for several processes. */
export async function homeOf(given: string, several: boolean): Promise<Home> {
  const [, scheme = '', rest = ''] = /^([a-z+]+):(.*)$/s.exec(given) ?? [];
  const remove = () => (scheme === 'datastore' ? dropKinds(given, KINDS) : dropTables(given, TABLES));
  const server = SERVERS[scheme];
  // To a server each holdfast has its own connections, as processes would; what is in this process they share.
  if (server !== undefined) return { name: server, url: given, driver: () => openDriver(given, 'home'), remove };
  if (scheme === 'file') {
    const directory = `${rest.startsWith('//') ? decodeURIComponent(new URL(given).pathname) : rest}/${CITY}`;
    await mkdir(directory, { recursive: true });
    return {
      name: 'files',
      ...shared(`file:${directory}`),
      remove: () => rm(directory, { recursive: true, force: true }),
    };
  }
  const name = scheme === 'sqlite' ? 'SQLite' : scheme;
  // The temporary file that SQLite makes by itself is for one process.
  if (given === 'sqlite:' && several) {
    const directory = await mkdtemp(join(tmpdir(), 'holdfast-demo-'));
    const url = `sqlite:${join(directory, 'cities.db')}?synchronous=normal`;
    return { name, ...shared(url), remove: () => rm(directory, { recursive: true, force: true }) };
  }
  const alone = scheme === 'memory' || /^sqlite:(:memory:)?(\?.*)?$/.test(given);
  return { name, ...shared(given), ...(alone && { url: undefined }), remove };
}

/** One driver for all holdfasts of this process. */
function shared(url: string): Pick<Home, 'url' | 'driver'> {
  let driver: Promise<FallbackDriver> | undefined;
  return { url, driver: () => (driver ??= openDriver(url, 'home')) };
}
