import type { Db, MongoClient, MongoClientOptions } from 'mongodb';
import { ValidationError } from '../../core/errors.js';
import { LATENESS } from './bounded.js';

/** What a URL, or a `Db`, says about the database. */
export interface SourcePlan {
  /** Where it is, as errors may show it: never with a password. */
  readonly place: string;
  /** What must never be shown. */
  readonly secrets: readonly string[];
  /** Of a URL: whose client is made, and closed. */
  readonly url?: string;
  readonly database: string;
  readonly db?: Db;
}

const URL_PARTS = /^mongodb(?:\+srv)?:\/\/(?:([^@/?]*)@)?([^/?@]+)(?:\/([^?]*))?(?:\?.*)?$/s;

/** Reads a URL. @throws ValidationError */
export function planOfUrl(url: string, askedBy: string): SourcePlan {
  const [, user = '', hosts, database = ''] = URL_PARTS.exec(url) ?? [];
  if (hosts === undefined)
    throw new ValidationError(
      `${askedBy} is given a mongodb: URL that cannot be read. Write it as mongodb://user:password@host:port/database, with @ : / # and % in the password encoded (encodeURIComponent).`,
    );
  if (database === '')
    throw new ValidationError(
      `${askedBy} is given a mongodb: URL without a database (${hosts}). Name one: mongodb://${hosts}/database.`,
    );
  const password = user.split(':').slice(1).join(':');
  const secrets = [user, password, decoded(password)].filter((text) => text !== '');
  return { url, database: decoded(database), place: `${hosts}/${decoded(database)}`, secrets };
}

/** Reads a `Db` of a client, which stays the user's. */
export function planOfDb(db: Db): SourcePlan {
  const { hosts, credentials } = db.client.options;
  const password = credentials?.password;
  return {
    db,
    database: db.databaseName,
    place: `${hosts.map(String).join(',')}/${db.databaseName}`,
    secrets: password ? [password, encodeURIComponent(password)] : [],
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export interface ClientOptions {
  /** Most connections at once. */
  readonly poolSize: number;
  readonly statementTimeout: number;
}

// So long a server is looked for, in milliseconds, unless the URL says otherwise.
const SELECTION = 5_000;

/** The client of a URL. @throws ValidationError */
export function clientOf(
  { MongoClient: Client }: typeof import('mongodb'),
  { url, secrets }: SourcePlan,
  askedBy: string,
  { poolSize, statementTimeout }: ClientOptions,
): MongoClient {
  const within = statementTimeout > 0 ? Math.min(SELECTION, statementTimeout) : SELECTION;
  const options: MongoClientOptions = {
    appName: 'holdfast',
    maxPoolSize: poolSize,
    // A write that is sent twice behind our back is one of which it is not known whether it was made.
    retryWrites: false,
    // Reads are repeated by who knows how often they may be.
    retryReads: false,
    // The server gives a command up after its time; where it does not say so either, the connection is given up.
    ...(statementTimeout > 0 && { socketTimeoutMS: statementTimeout + LATENESS }),
    ...(/[?&]serverSelectionTimeoutMS=/i.test(url!) ? {} : { serverSelectionTimeoutMS: within }),
  };
  try {
    return new Client(url!, options);
  } catch (error) {
    throw new ValidationError(
      `${askedBy} is given a mongodb: URL that cannot be used: ${scrubbed((error as Error).message, secrets)}. Correct it.`,
    );
  }
}

/** A text without what must not be shown. */
export function scrubbed(text: string, secrets: readonly string[]): string {
  let shown = text.replace(/(mongodb(?:\+srv)?:\/\/)[^@/\s]*@/g, '$1');
  for (const secret of secrets) shown = shown.replaceAll(secret, '***');
  return shown;
}
