import { ValidationError } from '../../core/errors.js';
import { loadPackage } from '../load-package.js';
import type { KeyPlacement } from './layout.js';

/** A `Datastore` of @google-cloud/datastore, as far as it is looked at. */
export interface DatastoreLike {
  readonly namespace?: string | undefined;
  readonly options: { readonly projectId?: string | undefined; readonly databaseId?: string | undefined };
  getProjectId(): Promise<string>;
}

type ClientOptions = DatastoreLike['options'] & Readonly<Record<string, unknown>>;

/** A call of the service, by the client's own generated code. */
export type Call = (request: object, options: object) => Promise<readonly [unknown, ...unknown[]]>;

/** The generated client of the service. */
export type ServiceClient = Readonly<
  Record<'lookup' | 'runQuery' | 'runAggregationQuery' | 'beginTransaction' | 'commit' | 'rollback', Call>
> & { initialize(): Promise<unknown>; close(): Promise<void> };

/** Where the entities lie, and the client that speaks with it. */
export interface Connected {
  readonly client: ServiceClient;
  readonly project: string;
  readonly database: string | undefined;
  readonly namespace: string | undefined;
  /** What errors call it: `project shop, 127.0.0.1:8081`. */
  readonly place: string;
}

interface Package {
  readonly Datastore: new (options: object) => { readonly options: ClientOptions };
  readonly v1: { readonly DatastoreClient: new (options: object) => ServiceClient };
}

/** What a `datastore:` URL says. */
export interface DatastoreUrl {
  readonly project: string;
  readonly database: string | undefined;
  readonly namespace: string | undefined;
  /** `HOST:PORT`; `undefined` for Google's own. */
  readonly endpoint: string | undefined;
  /** Whether the endpoint is spoken to without TLS and credentials, as an emulator is. */
  readonly plain: boolean;
  readonly keyFile: string | undefined;
  readonly keys: KeyPlacement | undefined;
}

const KNOWN = ['namespace', 'databaseId', 'endpoint', 'keyFile', 'keys'];
const PLACEMENTS: readonly string[] = ['name', 'ancestors', 'kinds'] satisfies KeyPlacement[];

const EXAMPLE = 'datastore://PROJECT?namespace=NAME&databaseId=NAME&endpoint=HOST:PORT&keyFile=PATH&keys=ancestors';

/** @throws ValidationError for a URL that cannot be used; no part of it that may be a secret is in the error */
export function parseDatastoreUrl(url: string, name: string): DatastoreUrl {
  const refuse = (fact: string): never => {
    throw new ValidationError(
      `The option fallbacks.${name} of open() cannot be used: ${fact} Give it as ${EXAMPLE}, all but the project as needed.`,
    );
  };
  const parsed = URL.canParse(url) ? new URL(url) : refuse('it is no URL.');
  if (parsed.username !== '' || parsed.password !== '')
    return refuse(
      'a datastore: URL has no user and password. Leave them out: credentials come from a key file or from the environment.',
    );
  const project = decodeURIComponent(parsed.host);
  if (project === '') return refuse('it names no project.');
  if (parsed.pathname !== '' && parsed.pathname !== '/') return refuse('it has a path, where nothing may stand.');
  const unknown = [...parsed.searchParams.keys()].find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) return refuse(`it has the parameter '${unknown}' (there are: ${KNOWN.join(', ')}).`);
  const get = (key: string) => parsed.searchParams.get(key) || undefined;
  const keys = get('keys');
  if (keys !== undefined && !PLACEMENTS.includes(keys))
    return refuse(`its keys is '${keys}' (there are: ${PLACEMENTS.join(', ')}).`);
  const given = get('endpoint');
  return {
    project,
    database: get('databaseId'),
    namespace: get('namespace'),
    endpoint: given?.replace(/^https?:\/\//, '').replace(/\/+$/, ''),
    plain: given !== undefined && !given.startsWith('https://'),
    keyFile: get('keyFile'),
    keys: keys as KeyPlacement | undefined,
  };
}

// An outage that is over is noticed after so many milliseconds at most; a link that is dead, without a word, after a minute.
const CHANNEL = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.keepalive_time_ms': 60_000,
  'grpc.keepalive_timeout_ms': 10_000,
};

// Whoever needs no credentials is not to go and look for a server that has some.
const NO_AUTH = { getUniverseDomain: async () => undefined };

/** Loads the client, and makes one of its own for a URL or beside a `Datastore`. @throws MissingPackageError, ValidationError */
export async function connectDatastore(source: string | DatastoreLike, name: string): Promise<Connected> {
  const { Datastore, v1 } = await load(name);
  if (typeof source !== 'string') {
    const project = source.options.projectId ?? (await source.getProjectId());
    const { databaseId: database } = source.options;
    return {
      client: clientOf(v1, source.options as ClientOptions),
      project,
      database,
      namespace: source.namespace,
      place: placeOf(project, source.options as ClientOptions),
    };
  }
  const { project, database, namespace, endpoint, plain, keyFile } = parseDatastoreUrl(source, name);
  // The package itself knows how its credentials for no TLS are made, and makes them for this host.
  const { options } = new Datastore({
    projectId: project,
    ...(database === undefined ? {} : { databaseId: database }),
    ...(endpoint === undefined ? {} : { apiEndpoint: endpoint }),
    ...(keyFile === undefined ? {} : { keyFilename: keyFile }),
  });
  // It takes every endpoint on this machine for an emulator, and no other.
  const sslCreds =
    endpoint === undefined
      ? options.sslCreds
      : plain
        ? new Datastore({ projectId: project, apiEndpoint: 'localhost' }).options.sslCreds
        : undefined;
  const all = { ...options, sslCreds };
  return { client: clientOf(v1, all), project, database, namespace, place: placeOf(project, all) };
}

function clientOf({ DatastoreClient }: Package['v1'], options: ClientOptions): ServiceClient {
  // `apiEndpoint` may have a port, which stands in `servicePath` and `port` by themselves.
  const { apiEndpoint: _, sslCreds, ...rest } = options;
  return new DatastoreClient({ ...rest, ...CHANNEL, ...(sslCreds === undefined ? {} : { sslCreds, auth: NO_AUTH }) });
}

function placeOf(project: string, { servicePath, port }: ClientOptions): string {
  return `project ${project}, ${servicePath ?? 'datastore.googleapis.com'}${port === undefined || port === 443 ? '' : `:${port}`}`;
}

async function load(name: string): Promise<Package> {
  const loaded = await loadPackage('@google-cloud/datastore', `The fallback '${name}'`, async () => {
    const module = (await import('@google-cloud/datastore')) as unknown as Package & { readonly default?: Package };
    return module.v1 === undefined ? module.default! : module;
  });
  return loaded;
}
