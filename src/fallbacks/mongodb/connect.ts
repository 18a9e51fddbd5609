import type { Db, MongoClient } from 'mongodb';
import { capitalized } from '../../core/error-text.js';
import { ValidationError } from '../../core/errors.js';
import type { DriverOptions } from '../../core/fallback-driver.js';
import { Turns } from '../turns.js';
import type { KeyPlacement } from './entity-home.js';
import { asFault, type FaultPlace } from './faults.js';
import type { OpenMongo } from './open-mongo.js';
import { clientOf, type SourcePlan } from './source.js';
import type { Mongodb } from './values.js';

export interface ConnectOptions extends DriverOptions {
  readonly mongodb: Mongodb;
  readonly plan: SourcePlan;
  readonly askedBy: string;
  /** What errors call it. */
  readonly subject: string;
  readonly poolSize: number;
  readonly keys: KeyPlacement | Readonly<Record<string, KeyPlacement>> | undefined;
}

// Of MongoDB 5.0, the first that reads several documents as they were at one time.
const OLDEST_WIRE_VERSION = 13;

/** Connects, and finds out what the server can do. @throws ValidationError, StoreFault */
export async function connect(options: ConnectOptions): Promise<OpenMongo> {
  const { mongodb, plan, askedBy, subject, poolSize, statementTimeout, clock, logger } = options;
  const client: MongoClient = plan.db?.client ?? clientOf(mongodb, plan, askedBy, { poolSize, statementTimeout });
  const place: FaultPlace = {
    subject,
    secrets: plan.secrets,
    statementTimeout,
    retriesWrites: plan.db !== undefined && client.options.retryWrites !== false,
  };
  const db: Db = plan.db ?? client.db(plan.database);
  try {
    await client.connect();
    const transactions = await hasTransactions(db, subject);
    return { mongodb, client, db, place, transactions, clock, logger, statementTimeout, turns: new Turns() };
  } catch (error) {
    if (!plan.db) await client.close().catch(() => {});
    throw asFault(place, error, 'harmless');
  }
}

async function hasTransactions(db: Db, subject: string): Promise<boolean> {
  const hello = await db.command({ hello: 1 });
  if (Number(hello.maxWireVersion) < OLDEST_WIRE_VERSION)
    throw new ValidationError(`${capitalized(subject)} is older than MongoDB 5.0. Use that or a later one.`);
  // A replica set has a name; a router of a cluster says what it is.
  return typeof hello.setName === 'string' || hello.msg === 'isdbgrid';
}
