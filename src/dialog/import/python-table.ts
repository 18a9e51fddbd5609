import type { DataSource, DataSourceOptions } from 'typeorm';
import { MissingPackageError, StoreUnavailableError, ValidationError } from '../../index.js';
import { type ContextId, wholeNumber } from '../context-id.js';
import type { ContextSource } from './source.js';

/** A table in SQL, as TypeORM calls its database. */
type Database = 'postgres' | 'mysql' | 'mariadb' | 'better-sqlite3';

interface Sql {
  quote(name: string): string;
  placeholder(position: number): string;
  text(expression: string): string;
  /** The columns of a table; its one parameter is the table's name. */
  readonly columns: string;
}

const quotedBy = (mark: string) => (name: string) => mark + name.replaceAll(mark, mark + mark) + mark;
const mysql: Sql = {
  quote: quotedBy('`'),
  placeholder: () => '?',
  text: (expression) => `CAST(${expression} AS CHAR)`,
  columns:
    'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?',
};
const SQL: Readonly<Record<Database, Sql>> = {
  postgres: {
    quote: quotedBy('"'),
    placeholder: (position) => `$${position}`,
    text: (expression) => `CAST(${expression} AS text)`,
    columns:
      'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = ANY (current_schemas(false)) AND table_name = $1',
  },
  mysql,
  mariadb: mysql,
  'better-sqlite3': {
    quote: quotedBy('"'),
    placeholder: () => '?',
    text: (expression) => `CAST(${expression} AS TEXT)`,
    columns: 'SELECT name FROM pragma_table_info(?)',
  },
};
const AT_ONCE = 200;

/** The table of the Python SQL connector in a database; `undefined` where it has none. @throws StoreUnavailableError; MissingPackageError */
export async function pythonTable(url: string, table: string): Promise<ContextSource | undefined> {
  const source = await connected(url);
  const { quote, placeholder, text, columns } = SQL[source.options.type as Database];
  const names = (await source.query<{ name: string }[]>(columns, [table])).map(({ name }) => name);
  if (!names.includes('id') || !names.includes('context')) {
    await source.destroy();
    return undefined;
  }
  const [id, from] = [quote('id'), quote(table)];
  const page = (after: string | undefined): Promise<{ id: string; context: string }[]> =>
    source.query(
      `SELECT ${text(id)} AS id, ${text(quote('context'))} AS context FROM ${from}${after === undefined ? '' : ` WHERE ${id} > ${placeholder(1)}`} ORDER BY ${id} LIMIT ${AT_ONCE}`,
      after === undefined ? [] : [after],
    );
  return {
    name: `the table ${table} of the Python connector`,
    async count() {
      const [row] = await source.query<{ n: unknown }[]>(`SELECT COUNT(*) AS n FROM ${from}`);
      return Number(row!.n);
    },
    async *entries(after) {
      for (let last = after; ; ) {
        const rows = await page(last);
        for (const row of rows) yield { id: idOf(row.id), context: async () => row.context };
        if (rows.length < AT_ONCE) return;
        last = rows.at(-1)!.id;
      }
    },
    close: () => source.destroy(),
  };
}

/** The id of a row, or of a user of a JSON file: the engine takes digits for a number. */
export const idOf = (text: string): ContextId => (/^(0|-?[1-9]\d{0,18})$/.test(text) ? wholeNumber(text) : text);

async function connected(url: string): Promise<DataSource> {
  let typeorm: typeof import('typeorm');
  try {
    typeorm = await import('typeorm');
  } catch (cause) {
    throw new MissingPackageError('typeorm', 'importContexts() from a database', { cause });
  }
  const source = new typeorm.DataSource(optionsOf(url));
  const since = Date.now();
  try {
    return await source.initialize();
  } catch (cause) {
    throw new StoreUnavailableError('Reading contexts', [{ tier: String(source.options.type), since, cause }]);
  }
}

function optionsOf(url: string): DataSourceOptions {
  const [, scheme, rest] = /^([a-z]+):(.*)$/s.exec(url) ?? [];
  if (scheme === 'sqlite') {
    const database = rest!.replace(/\?.*$/s, '');
    return { type: 'better-sqlite3', database, readonly: true, fileMustExist: true };
  }
  if (scheme === 'postgresql' || scheme === 'postgres') return { type: 'postgres', url, installExtensions: false };
  if (scheme === 'mysql' || scheme === 'mariadb') return { type: scheme, url };
  throw new ValidationError(`importContexts() cannot read a table at ${scheme}:. Give a URL of a database.`);
}
