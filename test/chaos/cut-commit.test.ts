import { describe } from '@jest/globals';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { mongoDatabases } from '../fallbacks/mongodb/databases.js';
import { sqliteDatabases } from '../fallbacks/typeorm/databases.js';
import { type Cuttable, cutCommitCases } from './cut-commit-cases.js';
import { type MemorySubjectOptions, memorySubject } from './memory-subject.js';

const TIMEOUT = 900;
// What may yet land when its connection is cut cannot any more when the repair interval is over.
const options = { circuitBreaker: { timeout: TIMEOUT }, repairInterval: 1000, retry: false } as const;

async function cuttable(made: MemorySubjectOptions): Promise<Cuttable> {
  const subject = await memorySubject({ ...made, options });
  const b = await subject.open('B');
  const a = await subject.open('A');
  const way = subject.links(a).durable;
  return {
    subject,
    a,
    b,
    async hold(writes) {
      const gates = Array.from({ length: writes }, () => way.gate('write'));
      return {
        async waiting() {
          for (const { reached } of gates) await reached;
        },
        async goOn() {
          for (const { open } of gates) open();
        },
      };
    },
    stall: (what) => way.hang(what === 'answers' ? 'after' : 'before'),
    cut() {
      // As a database is whose connection is gone: what was sent may land for as long as a statement may run.
      way.cut(new StoreFault('The connection was cut.', 'unknown', { unknownFor: TIMEOUT }));
      way.down();
    },
    mend: () => way.up(),
    close: () => subject.close(),
  };
}

describe('In process,', () => cutCommitCases(() => cuttable({})));
describe('In process, in front of SQLite,', () => cutCommitCases(() => cuttable({ databases: sqliteDatabases() })));
describe('In process, in front of MongoDB,', () => cutCommitCases(() => cuttable({ databases: mongoDatabases(true) })));
