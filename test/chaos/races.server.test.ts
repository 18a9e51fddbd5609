import { describe } from '@jest/globals';
import { postgresDatabases, sqliteDatabases } from '../fallbacks/typeorm/databases.js';
import { postgresUrl } from '../support/urls.js';
import { raceCases } from './race-cases.js';
import { redisSubject } from './redis-subject.js';

describe('On Redis and SQLite,', () => raceCases(() => redisSubject({ databases: sqliteDatabases() })));
describe('On Redis and PostgreSQL,', () =>
  raceCases(() => redisSubject({ databases: postgresDatabases(postgresUrl) })));
