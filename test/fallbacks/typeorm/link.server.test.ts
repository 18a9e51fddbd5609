import { describe } from '@jest/globals';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { mysqlUrl, postgresUrl } from '../../support/urls.js';
import { mariadbDatabases, postgresDatabases } from './databases.js';
import { linkCases } from './link-cases.js';

describe('the link to PostgreSQL', () => {
  linkCases({
    databases: postgresDatabases(postgresUrl),
    port: 5432,
    async connect({ url }) {
      const client = new pg.Client(url);
      await client.connect();
      return client;
    },
    waiting: `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%"person"%' AND datname = current_database()`,
  });
});

describe('the link to MariaDB', () => {
  linkCases({
    databases: mariadbDatabases(mysqlUrl),
    port: 3306,
    connect: ({ url }) => mysql.createConnection(url),
    waiting: `SELECT count(*) AS n FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE 'SELECT%FOR UPDATE'`,
  });
});
