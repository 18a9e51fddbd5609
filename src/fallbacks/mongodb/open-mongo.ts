import type { ClientSession, Collection, Db, MongoClient } from 'mongodb';
import type { Clock } from '../../core/clock.js';
import type { Logger } from '../../core/logger.js';
import type { Key, Schema } from '../../core/schema.js';
import type { Turns } from '../turns.js';
import { bounded } from './bounded.js';
import type { FaultPlace } from './faults.js';
import { type Mongodb, READING } from './values.js';

/** A database that is open, and what its server can do. */
export interface OpenMongo {
  readonly mongodb: Mongodb;
  readonly client: MongoClient;
  readonly db: Db;
  readonly place: FaultPlace;
  /** Whether several documents can be written all or none, and read as they were at one time. */
  readonly transactions: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly statementTimeout: number;
  /** Changes of one entity in this process come one after the other, rather than begin again and again. */
  readonly turns: Turns;
}

/** What a command is part of. */
export interface Within {
  readonly session?: ClientSession;
  readonly readConcern?: { readonly level: 'snapshot' };
}

/** Runs reads that see everything as it was at one time. Only of a database with transactions. */
export async function inSnapshot<T>({ client }: OpenMongo, read: (within: Within) => Promise<T>): Promise<T> {
  const session = client.startSession({ snapshot: true });
  try {
    // Said with each read: what the collection says otherwise would count, and the session's snapshot would not.
    return await read({ session, readConcern: { level: 'snapshot' } });
  } finally {
    await session.endSession();
  }
}

/** A collection whose writes a majority of the servers have before they are acknowledged, and whose reads go to the primary. */
export function collectionOf({ db, mongodb, transactions, statementTimeout }: OpenMongo, name: string): Collection {
  const collection = db.collection(name, {
    ...READING,
    readPreference: 'primary',
    writeConcern: { w: 'majority' },
    ...(transactions ? { readConcern: { level: 'majority' } } : { readConcern: { level: 'local' } }),
  });
  return bounded(collection, mongodb, statementTimeout);
}

/** What a change of an entity waits for. */
export const turnOf = ({ name }: Schema, { id }: Key): string => `${name}:${id}`;
