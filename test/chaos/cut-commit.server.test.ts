import { describe } from '@jest/globals';
import pg from 'pg';
import { postgresDatabases } from '../fallbacks/typeorm/databases.js';
import { startProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { postgresUrl } from '../support/urls.js';
import { type Cuttable, cutCommitCases } from './cut-commit-cases.js';
import { redisSubject } from './redis-subject.js';

// Whoever commits a change of a note waits for this lock.
const LOCK = 7_001_000 + (process.pid % 1000);
// What may yet land when its connection is cut cannot any more when the repair interval is over.
const options = { circuitBreaker: { timeout: 3000 }, repairInterval: 3000, retry: false } as const;

async function cuttable(): Promise<Cuttable> {
  const subject = await redisSubject({ databases: postgresDatabases(postgresUrl), options });
  const url = new URL(subject.database);
  const proxy = await startProxy({ host: url.hostname, port: Number(url.port || 5432) });
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  const b = await subject.open('B');
  const a = await subject.open('A', { database: url.href });
  const other = new pg.Client(subject.database);
  await other.connect();
  await other.query(`
    CREATE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock_shared(${LOCK}); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER waits AFTER INSERT OR UPDATE OR DELETE ON note
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION waits()`);
  return {
    subject,
    a,
    b,
    async hold(writes) {
      await other.query(`SELECT pg_advisory_lock(${LOCK})`);
      return {
        async waiting() {
          await until('every commit waits', async () => {
            const { rows } = await other.query(
              `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = ${LOCK} AND NOT granted`,
            );
            return rows.length === writes;
          });
        },
        async goOn() {
          await other.query(`SELECT pg_advisory_unlock(${LOCK})`);
        },
      };
    },
    stall: (what) => proxy.stall(what === 'answers' ? 'replies' : 'all'),
    cut: () => proxy.cut(),
    mend: () => proxy.resume(),
    async close() {
      proxy.resume();
      await other.end();
      await subject.close();
      await proxy.stop();
    },
  };
}

describe('On Redis and PostgreSQL,', () => cutCommitCases(cuttable));
