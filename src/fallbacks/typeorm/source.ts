import type { DataSource, DataSourceOptions } from 'typeorm';
import { ValidationError } from '../../core/errors.js';

/** What a URL, or the options of a DataSource, say about the database. */
export interface SourcePlan {
  readonly kind: 'postgres' | 'mysql' | 'sqlite';
  /** Where it is, as errors may show it: never with a password. */
  readonly place: string;
  /** The options of a DataSource to make; `undefined` where there is one. */
  readonly options: DataSourceOptions | undefined;
  /** Whether other processes can write to the same data. */
  readonly shared: boolean;
}

export interface PoolOptions {
  /** Most connections at once. */
  readonly poolSize: number;
}

const SERVERS = { 'postgresql:': 'postgres', 'postgres:': 'postgres', 'mysql:': 'mysql', 'mariadb:': 'mysql' } as const;

/** Reads a URL. @throws ValidationError */
export function planOfUrl(url: string, askedBy: string, { poolSize }: PoolOptions): SourcePlan {
  const scheme = /^[a-z]+:/.exec(url)?.[0];
  if (scheme === 'sqlite:') return sqlitePlan(url.slice(scheme.length), askedBy);
  const kind =
    scheme === undefined || !Object.hasOwn(SERVERS, scheme) ? undefined : SERVERS[scheme as keyof typeof SERVERS];
  if (kind === undefined)
    throw new ValidationError(
      `${askedBy} is given a URL that begins with ${JSON.stringify(scheme ?? url.slice(0, 10))}. Give postgresql:, mysql:, mariadb: or sqlite:.`,
    );
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined)
    throw new ValidationError(
      `${askedBy} is given a ${scheme} URL that cannot be read. Write it as ${scheme}//user:password@host:port/database, with @ : / # and % in the password encoded (encodeURIComponent).`,
    );
  const place = placeOfUrl(parsed);
  return {
    kind,
    place,
    shared: true,
    options: kind === 'postgres' ? postgresOptions(url, poolSize) : mysqlOptions(parsed, poolSize),
  };
}

function postgresOptions(url: string, poolSize: number): DataSourceOptions {
  return { type: 'postgres', url, poolSize, applicationName: 'holdfast', installExtensions: false };
}

function mysqlOptions(url: URL, poolSize: number): DataSourceOptions {
  // As mysql2 reads the parameters of a URL.
  const extra = Object.fromEntries(
    [...url.searchParams].map(([name, text]) => {
      try {
        return [name, JSON.parse(text) as unknown];
      } catch {
        return [name, text];
      }
    }),
  );
  return {
    type: url.protocol === 'mariadb:' ? 'mariadb' : 'mysql',
    host: url.hostname.replace(/^\[|\]$/g, '') || 'localhost',
    port: url.port === '' ? 3306 : Number(url.port),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    poolSize,
    extra,
  };
}

// So many pages (32 MB) a file's log grows before they are brought into the file: a page that many writes change is brought there once.
// SQLite's own 1,000 make a write of many small rows a fifth slower.
const LOG_PAGES = 8000;

function sqlitePlan(rest: string, askedBy: string): SourcePlan {
  const [path = '', query = ''] = rest.split(/\?(.*)/s, 2);
  const parameters = new URLSearchParams(query);
  const synchronous = parameters.get('synchronous') ?? 'full';
  parameters.delete('synchronous');
  const unknown = [...parameters.keys()][0];
  if (unknown !== undefined || (synchronous !== 'full' && synchronous !== 'normal'))
    throw new ValidationError(
      `${askedBy} has the parameter ${unknown === undefined ? `synchronous=${synchronous}` : unknown}, which is not known. A sqlite: URL takes synchronous=full or synchronous=normal.`,
    );
  // sqlite://name is what many write for sqlite:name.
  const database = path.replace(/^\/\/(?!\/)/, '').replace(/^\/{2,}/, '/');
  const alone = database === ':memory:' || database === '';
  return {
    kind: 'sqlite',
    place: database === '' ? 'a temporary file' : database,
    shared: !alone,
    options: {
      type: 'better-sqlite3',
      database,
      enableWAL: !alone,
      prepareDatabase: (db: { pragma(pragma: string): unknown }) => {
        db.pragma(`synchronous = ${synchronous}`);
        db.pragma(`wal_autocheckpoint = ${LOG_PAGES}`);
      },
    },
  };
}

interface Place {
  readonly url?: unknown;
  readonly host?: unknown;
  readonly port?: unknown;
  readonly database?: unknown;
}

/** Where a DataSource connects to, without what it logs in with. */
function placeOf(options: DataSourceOptions): string {
  const { url, host, port, database } = options as Place;
  if (typeof url === 'string' && URL.canParse(url)) return placeOfUrl(new URL(url));
  const server = host === undefined ? '' : `${String(host)}${port === undefined ? '' : `:${String(port)}`}/`;
  return `${server}${String(database ?? '')}` || 'its DataSource';
}

const placeOfUrl = ({ hostname, port, pathname }: URL): string =>
  `${hostname || 'localhost'}${port && `:${port}`}${pathname}`;

/** Reads the options of a DataSource. @throws ValidationError for a database that is not supported */
export function planOfDataSource({ options }: DataSource, askedBy: string): SourcePlan {
  const place = placeOf(options);
  switch (options.type) {
    case 'postgres':
      return { kind: 'postgres', place, options: undefined, shared: true };
    case 'mysql':
    case 'mariadb':
      return { kind: 'mysql', place, options: undefined, shared: true };
    case 'better-sqlite3': {
      const alone = options.database === ':memory:' || options.database === '';
      return { kind: 'sqlite', place, options: undefined, shared: !alone };
    }
    default:
      throw new ValidationError(
        `${askedBy} is a DataSource of type '${options.type}'. Give one of type postgres, mysql, mariadb or better-sqlite3.`,
      );
  }
}
