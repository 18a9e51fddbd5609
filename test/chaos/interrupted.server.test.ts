import { describe } from '@jest/globals';
import { postgresDatabases, sqliteDatabases } from '../fallbacks/typeorm/databases.js';
import { postgresUrl } from '../support/urls.js';
import { interruptedCases } from './interrupted-cases.js';
import { redisSubject } from './redis-subject.js';

describe('On Redis and SQLite,', () => interruptedCases(() => redisSubject({ databases: sqliteDatabases() })));
describe('On Redis and PostgreSQL,', () =>
  interruptedCases(() => redisSubject({ databases: postgresDatabases(postgresUrl) })));
