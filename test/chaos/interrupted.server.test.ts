import { describe } from '@jest/globals';
import { sqliteDatabases } from '../fallbacks/typeorm/databases.js';
import { interruptedCases } from './interrupted-cases.js';
import { killedCases } from './killed-cases.js';
import { redisSubject } from './redis-subject.js';

const make = () => redisSubject({ databases: sqliteDatabases() });

describe('On Redis and SQLite,', () => {
  interruptedCases(make);
  killedCases(make, 'until their time is over');
});
