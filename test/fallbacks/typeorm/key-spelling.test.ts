import { afterAll, describe } from '@jest/globals';
import { sqliteDatabases } from './databases.js';
import { keySpellingCases } from './key-spelling-cases.js';

const databases = sqliteDatabases();
afterAll(() => databases.dropAll());

const TEXT = /takes different keys for the same .* Give the column text\.$/;

describe('keys in SQLite', () => {
  const column = { type: 'varchar', length: 20 } as const;
  keySpellingCases(databases, [
    {
      name: 'a collation of TypeORM',
      column: { ...column, collation: 'NOCASE' },
      kept: 'Bob',
      other: 'bob',
      either: true,
      warns: TEXT,
    },
    {
      name: 'a collation that only the database knows of',
      column,
      made: ['CREATE TABLE "thing" ("id" varchar(20) COLLATE NOCASE PRIMARY KEY, "note" varchar(20) NOT NULL)'],
      kept: 'Bob',
      other: 'bob',
      either: true,
      warns: TEXT,
    },
    {
      name: 'a column that turns texts into numbers',
      column,
      made: ['CREATE TABLE "thing" ("id" integer PRIMARY KEY, "note" varchar(20) NOT NULL)'],
      kept: '7',
      other: '07',
      warns: TEXT,
    },
  ]);
});
