import type { DataSource, QueryResult, QueryRunner } from 'typeorm';
import { StoreFault } from '../../core/fallback-driver.js';
import type { Verdict } from './dialect.js';
import { driverError, type FaultPlace, type Phase, storeFault } from './faults.js';
import { type PgClient, Prepared } from './prepared.js';

/** An answer of the database that its caller has to deal with: it undid the statement because of others or of the value. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly verdict: Extract<Verdict, 'retry' | 'value' | 'duplicate'>,
    error: unknown,
  ) {
    super(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/** What a statement gave: values in the order of its columns. */
export interface Result {
  readonly rows: readonly (readonly unknown[])[];
  readonly affected: number;
}

/** As much of a physical connection as is needed to end it. */
interface Connection extends Partial<PgClient> {
  readonly processID?: number;
  readonly threadId?: number;
  destroy?(): void;
}

export interface SessionsOptions {
  readonly dataSource: DataSource;
  readonly place: FaultPlace;
  /** Called once for each physical connection, before its first statement. */
  readonly prepare?: ((runner: QueryRunner) => Promise<void>) | undefined;
  /** The statement that ends a connection which gives no answer; its id is the parameter. */
  readonly kill?: string | undefined;
  /** Runs work alone, where all share one connection. */
  readonly alone?: (<T>(work: () => Promise<T>) => Promise<T>) | undefined;
}

// The server's own limit comes first where it has one, and says for sure what was done.
const GRACE = 1_000;

/** Connections of a DataSource, one at a time for each piece of work, with faults told apart and none waited for without end. */
export class Sessions {
  readonly dataSource: DataSource;
  readonly place: FaultPlace;
  readonly #options: SessionsOptions;
  /** Of PostgreSQL only. */
  readonly prepared: Prepared | undefined;
  readonly #ready = new WeakSet<object>();
  /** Whether a transaction sees the database as it was at its beginning, if nothing else is asked for. */
  keepsView = false;

  constructor(options: SessionsOptions) {
    this.prepared = options.place.dialect.name === 'postgres' ? new Prepared() : undefined;
    this.dataSource = options.dataSource;
    this.place = options.place;
    this.#options = options;
  }

  /** Runs `work` on a connection of its own. @throws StoreFault, Refusal */
  use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const { alone } = this.#options;
    return alone ? alone(() => this.#use(work)) : this.#use(work);
  }

  async #use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#connect();
    try {
      return await work(session);
    } finally {
      await session.release();
    }
  }

  async #connect(): Promise<Session> {
    const runner = this.dataSource.createQueryRunner('master');
    const connecting = runner.connect() as Promise<Connection>;
    let connection: Connection;
    try {
      connection = await answered(connecting, this.place.statementTimeout + GRACE);
    } catch (error) {
      // A connection that comes after all goes back to the pool.
      connecting.then(
        () => runner.release(),
        () => runner.release(),
      );
      throw storeFault(this.place, error, 'harmless');
    }
    const session = new Session(this, runner, connection);
    const { prepare } = this.#options;
    if (prepare && !this.#ready.has(connection)) {
      try {
        await session.guard(prepare(runner), 'harmless');
        this.#ready.add(connection);
      } catch (error) {
        await session.release();
        throw error;
      }
    }
    return session;
  }

  /** Ends in the server what a connection that gives no answer was doing, where it can be reached. */
  end(connection: Connection): void {
    const id = connection.processID ?? connection.threadId;
    const { kill } = this.#options;
    if (kill === undefined || id === undefined) return;
    this.dataSource.query(kill, [id]).catch(() => {});
  }
}

/** One connection, while a piece of work has it. */
export class Session {
  readonly runner: QueryRunner;
  readonly #sessions: Sessions;
  readonly #connection: Connection;
  #broken: Error | undefined;

  constructor(sessions: Sessions, runner: QueryRunner, connection: Connection) {
    this.#sessions = sessions;
    this.runner = runner;
    this.#connection = connection;
  }

  /** Runs one statement; `phase` says whether it commits. @throws StoreFault, Refusal */
  async run(sql: string, parameters: unknown[], phase: Phase = 'harmless'): Promise<Result> {
    const { prepared, dataSource } = this.#sessions;
    if (prepared) {
      dataSource.logger.logQuery(sql, parameters, this.runner);
      const { rows, rowCount } = await this.guard(prepared.run(this.#connection as PgClient, sql, parameters), phase);
      return { rows, affected: rowCount ?? 0 };
    }
    const result = (await this.guard(this.runner.query(sql, parameters, true), phase)) as QueryResult<object>;
    return { rows: result.records.map((record) => Object.values(record)), affected: result.affected ?? 0 };
  }

  /** Makes `work` in one transaction; what it throws undoes it. `looks`: each statement sees what was committed before it. */
  async transaction<T>(work: () => Promise<T>, looks = false): Promise<T> {
    const level = looks && this.#sessions.keepsView ? 'READ COMMITTED' : undefined;
    await this.guard(this.runner.startTransaction(level), 'harmless');
    let value: T;
    try {
      value = await work();
    } catch (error) {
      // Without its connection, the server undoes it by itself.
      if (!this.#broken) await this.guard(this.runner.rollbackTransaction(), 'harmless').catch(() => this.#discard());
      throw error;
    }
    try {
      await this.guard(this.runner.commitTransaction(), 'committing');
    } catch (error) {
      if (!this.#broken) await this.guard(this.runner.rollbackTransaction(), 'harmless').catch(() => this.#discard());
      throw error;
    }
    return value;
  }

  /**
   * Waits for an answer, but not without end, and tells its faults apart. `mixed`: code of the user's runs in it, whose
   * errors are thrown as they are. @throws StoreFault, Refusal
   */
  async guard<T>(answer: Promise<T>, phase: Phase, mixed = false): Promise<T> {
    try {
      return await answered(answer, this.#sessions.place.statementTimeout + GRACE);
    } catch (error) {
      if (error instanceof StoreFault) throw error;
      if (mixed && !(error instanceof NoAnswer) && driverError(error) === error) throw error;
      const cause = driverError(error);
      const verdict = this.#sessions.place.dialect.verdict(cause);
      if (error instanceof NoAnswer) this.#sessions.end(this.#connection);
      if (verdict === 'lost') this.#discard(error as Error);
      if (verdict === 'bug') throw cause;
      if (verdict === 'refused' || verdict === 'lost') throw storeFault(this.#sessions.place, error, phase);
      throw new Refusal(verdict, cause);
    }
  }

  /** Keeps the connection from going back to the pool. */
  #discard(error: Error = new Error('The connection is in an unknown state.')): void {
    this.#broken ??= error;
  }

  async release(): Promise<void> {
    if (!this.#broken) return this.runner.release();
    // TypeORM has no public call for this: mysql2 destroys the connection, for pg the runner releases it with an error.
    if (typeof this.#connection.destroy === 'function') this.#connection.destroy();
    const runner = this.runner as QueryRunner & { releasePostgresConnection?(error: Error): Promise<void> };
    await (runner.releasePostgresConnection ? runner.releasePostgresConnection(this.#broken) : runner.release());
  }
}

class NoAnswer extends Error {}

function answered<T>(answer: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswer(`no answer within ${ms} ms`)), ms);
    answer.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
