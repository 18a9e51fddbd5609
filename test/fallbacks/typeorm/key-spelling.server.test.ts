import { afterAll, describe } from '@jest/globals';
import { mysqlUrl, postgresUrl } from '../../support/urls.js';
import { mariadbDatabases, postgresDatabases } from './databases.js';
import { fraction, instant, keySpellingCases, uuid } from './key-spelling-cases.js';

const BIN = /Give the column varchar\(255\) .* COLLATE utf8mb4_nopad_bin\.$/;
const varchar = { type: 'varchar', length: 20 } as const;

describe('keys in PostgreSQL', () => {
  const databases = postgresDatabases(postgresUrl);
  afterAll(() => databases.dropAll());
  keySpellingCases(databases, [
    { name: 'uuid', column: { type: 'uuid' }, kept: uuid, other: uuid.toUpperCase() },
    { name: 'char(5)', column: { type: 'char', length: 5 }, kept: 'ab', other: 'ab ' },
    {
      name: 'char(5) that TypeORM takes for varchar',
      column: varchar,
      made: ['CREATE TABLE "thing" ("id" char(5) PRIMARY KEY, "note" varchar(20) NOT NULL)'],
      kept: 'ab',
      other: 'ab ',
    },
    {
      name: 'timestamp(0)',
      column: { type: 'timestamp', precision: 0 },
      kept: instant,
      other: fraction,
      warns: /does not keep every key .* Give the column timestamp\(3\) with time zone\.$/,
    },
    {
      name: 'timestamptz(0)',
      column: { type: 'timestamptz', precision: 0 },
      kept: instant,
      other: fraction,
      warns: /does not keep every key .* Give the column timestamp\(3\) with time zone\.$/,
    },
    { name: 'date', column: { type: 'date' }, kept: '2026-01-02', other: '2026-1-2', warns: /Give the column text/ },
    {
      name: 'numeric(8,1)',
      column: { type: 'numeric', precision: 8, scale: 1 },
      kept: 1.5,
      other: 1.51,
      warns: /Give the column double precision\.$/,
    },
    {
      name: 'real',
      column: { type: 'real' },
      kept: 1.5,
      other: 1.500000001,
      warns: /Give the column double precision\.$/,
    },
    {
      name: 'a collation in which case does not count',
      column: varchar,
      made: [
        `CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
        'CREATE TABLE "thing" ("id" varchar(20) COLLATE nocase PRIMARY KEY, "note" varchar(20) NOT NULL)',
      ],
      kept: 'Bob',
      other: 'bob',
      either: true,
      warns: /Give the column text COLLATE "C"\.$/,
    },
  ]);
});

describe('keys in MariaDB', () => {
  const databases = mariadbDatabases(mysqlUrl);
  afterAll(() => databases.dropAll());
  keySpellingCases(databases, [
    {
      name: 'uuid',
      column: { type: 'uuid' },
      made: ['CREATE TABLE "thing" ("id" uuid PRIMARY KEY, "note" varchar(20) NOT NULL)'],
      kept: uuid,
      other: uuid.toUpperCase(),
    },
    {
      name: 'the usual collation, in which case does not count',
      column: varchar,
      made: [
        'CREATE TABLE "thing" ("id" varchar(20) COLLATE utf8mb4_general_ci PRIMARY KEY, "note" varchar(20) NOT NULL)',
      ],
      kept: 'Bob',
      other: 'bob',
      either: true,
      warns: BIN,
    },
    { name: 'char(5)', column: { type: 'char', length: 5 }, kept: 'ab', other: 'ab ', warns: BIN },
    {
      name: 'char(5) of an exact collation',
      column: { type: 'char', length: 5, charset: 'utf8mb4', collation: 'utf8mb4_nopad_bin' },
      kept: 'ab',
      other: 'ab ',
    },
    {
      name: 'datetime',
      column: { type: 'datetime', precision: 0 },
      kept: instant,
      other: fraction,
      warns: /does not keep every key .* Make it a text or a number\.$/,
    },
    {
      name: 'timestamp',
      column: { type: 'timestamp', precision: 0 },
      kept: instant,
      other: fraction,
      warns: /does not keep every key .* Make it a text or a number\.$/,
    },
    { name: 'date', column: { type: 'date' }, kept: '2026-01-02', other: '2026-1-2', warns: BIN },
    {
      name: 'decimal(8,1)',
      column: { type: 'decimal', precision: 8, scale: 1 },
      kept: 1.5,
      other: 1.51,
      warns: /Give the column double\.$/,
    },
    { name: 'float', column: { type: 'float' }, kept: 1.5, other: 1.500000001, warns: /Give the column double\.$/ },
  ]);
});
