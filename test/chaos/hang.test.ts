import { describe } from '@jest/globals';
import { mongoDatabases } from '../fallbacks/mongodb/databases.js';
import { sqliteDatabases } from '../fallbacks/typeorm/databases.js';
import { HANGING, type Hanging, hangCases } from './hang-cases.js';
import { type MemorySubjectOptions, memorySubject } from './memory-subject.js';

async function hanging(options: MemorySubjectOptions): Promise<Hanging> {
  const subject = await memorySubject({ ...options, options: HANGING });
  return {
    subject,
    silence(how, process) {
      const silent = how === 'that stands still' ? subject.allLinks : [subject.links(process)];
      for (const { hot } of silent) hot.hang(how === 'whose answers do not arrive' ? 'after' : 'before');
    },
    speak() {
      for (const { hot } of subject.allLinks) hot.up();
    },
  };
}

describe('In process,', () => hangCases(() => hanging({})));
describe('In process, in front of SQLite,', () => hangCases(() => hanging({ databases: sqliteDatabases() })));
describe('In process, in front of MongoDB,', () => hangCases(() => hanging({ databases: mongoDatabases(true) })));
