import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { capitalized } from '../../core/error-text.js';
import { HoldfastError, MetadataError, type MetadataFault } from '../../core/errors.js';
import type { DriverOptions } from '../../core/fallback-driver.js';
import { StoreFault } from '../../core/fallback-driver.js';
import type { Schema } from '../../core/schema.js';
import { CollectionStatements } from './collection-statements.js';
import { SqlCollectionTable } from './collection-table.js';
import {
  checkForeign,
  dialectOf,
  firstDialect,
  isLocked,
  keepsView,
  loadTypeorm,
  makeDataSource,
  maxPacket,
  prepareOwn,
  serverLimit,
} from './connect.js';
import type { Dialect } from './dialect.js';
import { driverError, type FaultPlace, storeFault } from './faults.js';
import type { LocalTable } from './local-table.js';
import { isCollection } from './member-parts.js';
import { aloneOn, MixedStore } from './mixed-store.js';
import { type OpenTable, openTable } from './open-tables.js';
import { RemoteStore } from './remote-store.js';
import type { RemoteTable } from './remote-table.js';
import { Sessions } from './sessions.js';
import type { SourcePlan } from './source.js';
import type { SqlStore } from './sql-store.js';
import { SqlTable } from './sql-table.js';
import { SqliteCollection } from './sqlite-collection.js';
import { SqliteRemoteTable } from './sqlite-remote-table.js';
import { SqliteStore } from './sqlite-store.js';
import { SqliteTable } from './sqlite-table.js';
import { sharedTables } from './table-shape.js';
import { ThroughTable } from './through-table.js';

type Typeorm = typeof import('typeorm');

export interface DatabaseRequest {
  readonly source: string | DataSource;
  readonly plan: SourcePlan;
  readonly schemas: readonly Schema[];
  readonly options: DriverOptions;
  /** `fallback 'postgres' (host:port/database)` */
  readonly subject: string;
}

// Of SQLite, in milliseconds: the event loop waits this long, and then comes back later.
const BUSY_TIMEOUT = 20;
const KILL = { postgres: 'SELECT pg_terminate_backend($1)', mysql: 'KILL ?', mariadb: 'KILL ?', sqlite: undefined };

/** A database that is connected. */
export class OpenDatabase {
  readonly store: SqlStore;
  readonly #typeorm: Typeorm;
  readonly #dataSource: DataSource;
  readonly #dialect: Dialect;
  readonly #place: FaultPlace;
  readonly #sessions: Sessions;
  readonly #ours: boolean;
  readonly #request: DatabaseRequest;
  #maxPacket: number | undefined;
  readonly #remote = new Map<Schema, RemoteTable>();
  readonly #sqlite = new Map<Schema, LocalTable>();

  private constructor(
    typeorm: Typeorm,
    dataSource: DataSource,
    dialect: Dialect,
    ours: boolean,
    request: DatabaseRequest,
  ) {
    const { subject, options, source } = request;
    this.#typeorm = typeorm;
    this.#dataSource = dataSource;
    this.#dialect = dialect;
    this.#ours = ours;
    this.#request = request;
    const place = { subject, dialect, statementTimeout: options.statementTimeout };
    this.#place = place;
    const db = this.#db;
    const mysql = dialect.name === 'mysql' || dialect.name === 'mariadb';
    const prepare =
      typeof source === 'string' ? prepareOwn(dialect, options.statementTimeout) : checkForeign(place.subject);
    this.#sessions = new Sessions({
      dataSource,
      place,
      prepare: mysql ? prepare : undefined,
      kill: KILL[dialect.name],
      alone: db && aloneOn(db, options.statementTimeout),
    });
    const remote = new RemoteStore(this.#sessions, this.#remote);
    this.store = db ? new MixedStore(new SqliteStore({ db, tables: this.#sqlite, place }), remote) : remote;
  }

  /** Connects, and finds or makes the tables. @throws StoreFault, MissingPackageError, MetadataError */
  static async open(request: DatabaseRequest): Promise<OpenDatabase> {
    const { source, plan, schemas, options, subject } = request;
    const askedBy = `${capitalized(subject)}`;
    const typeorm = await loadTypeorm(askedBy);
    const dataSource =
      typeof source === 'string' ? await makeDataSource(typeorm, plan, schemas, options, askedBy) : source;
    const ours = !dataSource.isInitialized;
    const place = { subject, dialect: firstDialect(plan.kind), statementTimeout: options.statementTimeout };
    try {
      if (ours) await onceUnlocked(place, () => dataSource.initialize());
      const dialect = await dialectOf(plan.kind, dataSource);
      const database = new OpenDatabase(typeorm, dataSource, dialect, ours, request);
      await database.#settle();
      await database.add(schemas, options);
      return database;
    } catch (error) {
      if (ours && dataSource.isInitialized) await dataSource.destroy().catch(() => {});
      throw faultOf(place, error);
    }
  }

  get #db(): Database | undefined {
    if (this.#dialect.name !== 'sqlite') return undefined;
    return (this.#dataSource.driver as unknown as { databaseConnection: Database }).databaseConnection;
  }

  /** Sets what a connection of our own needs, and warns of what one of the user's lacks. */
  async #settle(): Promise<void> {
    const { source, options, subject } = this.#request;
    this.#maxPacket = await maxPacket(this.#dialect, this.#dataSource);
    if (typeof source === 'string') {
      this.#db?.pragma(`busy_timeout = ${BUSY_TIMEOUT}`);
      return;
    }
    if (this.#db) return;
    // Checks a connection before anything is written over one.
    await this.#sessions.use(async () => {});
    const limit = await serverLimit(this.#dialect, this.#dataSource);
    if (limit === undefined || (limit > 0 && limit <= options.statementTimeout)) return;
    const remedy =
      this.#dialect.name === 'postgres'
        ? `extra: { statement_timeout: ${options.statementTimeout} }`
        : 'SET GLOBAL max_statement_time';
    options.logger.warn(
      `${capitalized(subject)} lets statements run ${limit === 0 ? 'for ever' : `for ${limit} ms`}, so a write that got no answer may be made later than Holdfast waits for (${options.statementTimeout} ms). Limit them: ${remedy}.`,
    );
  }

  /** Finds or makes the tables of entities. */
  async add(schemas: readonly Schema[], options: DriverOptions): Promise<void> {
    // Whoever tells his DataSource to leave SQLite's tables alone tells it to us.
    const synchronize =
      options.synchronize ?? (this.#dialect.name === 'sqlite' && this.#dataSource.options.synchronize !== false);
    if (schemas.some(isCollection)) this.#sessions.keepsView = await keepsView(this.#dialect, this.#dataSource);
    const faults: MetadataFault[] = sharedTables([...this.#remote.keys(), ...schemas], this.#dialect);
    // Nothing is to be added to the table of another.
    if (faults.length > 0) throw new MetadataError(faults);
    for (const schema of schemas) {
      const table = await onceUnlocked(this.#place, () =>
        openTable(schema, {
          dataSource: this.#dataSource,
          dialect: this.#dialect,
          place: this.#place,
          typeorm: this.#typeorm,
          logger: options.logger,
          synchronize,
        }),
      ).catch((error: unknown) => {
        if (!(error instanceof MetadataError)) throw faultOf(this.#place, error);
        faults.push(...error.faults);
      });
      if (table) this.#addTable(schema, table, options);
    }
    if (faults.length > 0) throw new MetadataError(faults);
  }

  #addTable(schema: Schema, { layout, existing, exact, metadata, members }: OpenTable, { clock }: DriverOptions): void {
    const db = this.#db;
    if (members) {
      const sql = new CollectionStatements({ layout: members, dialect: this.#dialect, maxPacket: this.#maxPacket });
      if (db) this.#sqlite.set(schema, new SqliteCollection(db, sql, clock));
      this.#remote.set(schema, new SqlCollectionTable(sql, clock));
    } else if (schema.throughTypeorm && metadata) {
      const { typeorm: operators, locks } = { typeorm: this.#typeorm, locks: db === undefined };
      this.#remote.set(schema, new ThroughTable({ schema, metadata, layout, operators, locks }));
    } else if (db) {
      const table = new SqliteTable({ db, layout, clock, exact });
      this.#sqlite.set(schema, table);
      this.#remote.set(schema, new SqliteRemoteTable(table));
    } else {
      const upserts = this.#dialect.name === 'postgres' || !existing.unique;
      this.#remote.set(
        schema,
        new SqlTable({ layout, dialect: this.#dialect, clock, upserts, exact, maxPacket: this.#maxPacket }),
      );
    }
  }

  async close(): Promise<void> {
    if (this.#ours && this.#dataSource.isInitialized) await this.#dataSource.destroy();
  }
}

/** Runs what can be run anew, until no other process has a SQLite database locked. */
async function onceUnlocked<T>({ statementTimeout }: FaultPlace, run: () => Promise<T>): Promise<T> {
  const end = performance.now() + statementTimeout;
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isLocked(error) || performance.now() > end) throw error;
      await sleep(BUSY_TIMEOUT);
    }
  }
}

function faultOf(place: FaultPlace, error: unknown): unknown {
  if (error instanceof StoreFault || error instanceof HoldfastError) return error;
  const bug = driverError(error) === error && place.dialect.verdict(error) === 'bug';
  return bug ? error : storeFault(place, error, 'harmless');
}
