import { describe } from '@jest/globals';
import { sqliteDatabases } from '../fallbacks/typeorm/databases.js';
import { interruptedCases } from './interrupted-cases.js';
import { redisSubject } from './redis-subject.js';

describe('On Redis and SQLite,', () => interruptedCases(() => redisSubject({ databases: sqliteDatabases() })));
