import { describe } from '@jest/globals';
import { mysqlUrl, postgresUrl } from '../support/urls.js';
import { outboxCases } from './outbox-cases.js';

describe.each([
  ['PostgreSQL', postgresUrl],
  ['MariaDB', mysqlUrl],
])('The outbox in %s', (_, url) => outboxCases(() => url));
