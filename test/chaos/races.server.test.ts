import { describe } from '@jest/globals';
import { sqliteDatabases } from '../fallbacks/typeorm/databases.js';
import { raceCases } from './race-cases.js';
import { redisSubject } from './redis-subject.js';

describe('On Redis and SQLite,', () =>
  raceCases(() => redisSubject({ databases: sqliteDatabases() }), 'until their time is over'));
