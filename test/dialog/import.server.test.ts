import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { contextStore, importContexts } from 'holdfast/dialog';
import { mariadbDatabases, postgresDatabases, type TestDatabases } from '../fallbacks/typeorm/databases.js';
import { mysqlUrl, postgresUrl } from '../support/urls.js';

const written = JSON.parse(readFileSync(new URL('./fixtures/contexts.json', import.meta.url), 'utf8')) as Record<
  string,
  object
>;
const made: TestDatabases[] = [];

afterAll(() => Promise.all(made.map((databases) => databases.dropAll())));

describe.each([
  ['PostgreSQL', () => postgresDatabases(postgresUrl), 'postgresql+psycopg2:'],
  ['MariaDB', () => mariadbDatabases(mysqlUrl), 'mysql+pymysql:'],
] as const)('On %s,', (_, databases, scheme) => {
  test.each(['INTEGER', 'VARCHAR(36)'])(
    'the table of the Python connector is imported into the same database, with ids of type %s',
    async (type) => {
      const own = databases();
      made.push(own);
      const database = await own.fresh();
      await database.sql(`CREATE TABLE contexts (id ${type} PRIMARY KEY, context JSON)`);
      // MariaDB reads backslashes in a text.
      const literal = (text: string) =>
        `'${(scheme.startsWith('mysql') ? text.replaceAll('\\', '\\\\') : text).replaceAll("'", "''")}'`;
      for (const [id, context] of Object.entries(written))
        await database.sql(`INSERT INTO contexts VALUES (${literal(id)}, ${literal(JSON.stringify(context))})`);
      const to = await contextStore(database.url, { logger: false });
      const url = database.url.replace(/^\w+:/, scheme);
      const result = await importContexts(url, to, { progress: false });
      expect(result).toMatchObject({ done: 5, imported: 5, total: 5 });
      const found: Record<string, object> = {};
      for await (const [id, context] of to.entries({ window: Number.POSITIVE_INFINITY }))
        found[String(id)] = context.toJSON();
      expect(found).toEqual(written);
      expect(await importContexts(url, to, { progress: false, after: '7' })).toMatchObject({ imported: 0 });
      await to.close();
    },
  );
});
