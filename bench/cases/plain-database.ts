import BetterSqlite3 from 'better-sqlite3';
import pg from 'pg';
import { DataSource, type DataSourceOptions, EntitySchema, type Repository } from 'typeorm';
import { everybody, PERSON, Person, type PersonData } from './people.js';

/** What TypeORM's own repository is given. */
export class PersonRecord {
  id!: string;
  name!: string;
  age!: number;
  email!: string;
  city!: string;
  bio!: string;
}

/** The table of all that is written by hand, and of TypeORM. */
export const PLAIN_TABLE = `${PERSON}_plain`;

const schema = new EntitySchema<PersonRecord>({
  name: 'PersonRecord',
  target: PersonRecord,
  tableName: PLAIN_TABLE,
  columns: {
    id: { type: 'text', primary: true },
    name: { type: 'text' },
    age: { type: 'integer' },
    email: { type: 'text' },
    city: { type: 'text' },
    bio: { type: 'text' },
  },
});

/** One way of reading and writing people. */
export interface Plain {
  find(id: string): unknown;
  save(one: PersonData): unknown;
}

/** The ways of doing without Holdfast, on one database. */
export interface PlainDatabase {
  readonly driver: Plain;
  readonly query: Plain;
  readonly typeorm: Repository<PersonRecord>;
  close(): Promise<void>;
}

const COLUMNS = ['id', 'name', 'age', 'email', 'city', 'bio'] as const;
const select = (placeholder: string) => `SELECT ${COLUMNS.join(', ')} FROM ${PLAIN_TABLE} WHERE id = ${placeholder}`;
const upsert = (placeholder: (at: number) => string) =>
  `INSERT INTO ${PLAIN_TABLE} (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map((_, at) => placeholder(at + 1)).join(', ')}) ` +
  `ON CONFLICT (id) DO UPDATE SET ${COLUMNS.slice(1)
    .map((name) => `${name} = excluded.${name}`)
    .join(', ')}`;
const values = ({ id, name, age, email, city, bio }: PersonData) => [id, name, age, email, city, bio];

function built(row: PersonData | undefined): Person | undefined {
  if (row === undefined) return undefined;
  const made = new Person();
  made.id = row.id;
  made.name = row.name;
  made.age = row.age;
  made.email = row.email;
  made.city = row.city;
  made.bio = row.bio;
  return made;
}

async function typeormOf(options: DataSourceOptions, placeholder: (at: number) => string) {
  const source = await new DataSource({
    ...options,
    entities: [schema],
    synchronize: true,
  } as DataSourceOptions).initialize();
  const typeorm = source.getRepository(PersonRecord);
  await typeorm.save(
    everybody.map((one) => Object.assign(new PersonRecord(), one)),
    { chunk: 500 },
  );
  const [reading, writing] = [select(placeholder(1)), upsert(placeholder)];
  const query: Plain = {
    find: async (id) => built(((await source.query(reading, [id])) as PersonData[])[0]),
    save: (one) => source.query(writing, values(one)),
  };
  return { typeorm, query, close: () => source.destroy() };
}

/** PostgreSQL, with ten connections each. */
export async function plainPostgres(url: string): Promise<PlainDatabase> {
  const placeholder = (at: number) => `$${at}`;
  const { typeorm, query, close } = await typeormOf(
    { type: 'postgres', url, poolSize: 10, installExtensions: false },
    placeholder,
  );
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  const [reading, writing] = [select('$1'), upsert(placeholder)];
  const driver: Plain = {
    find: async (id) => built((await pool.query<PersonData>(reading, [id])).rows[0]),
    save: (one) => pool.query(writing, values(one)),
  };
  return { driver, query, typeorm, close: () => Promise.all([close(), pool.end()]).then(() => {}) };
}

/** SQLite in `file`, with a write-ahead log that is brought to the disk at each write (`full`) or now and then (`normal`). */
export async function plainSqlite(file: string, synchronous: 'full' | 'normal'): Promise<PlainDatabase> {
  const { typeorm, query, close } = await typeormOf(
    {
      type: 'better-sqlite3',
      database: file,
      enableWAL: true,
      prepareDatabase: (database: BetterSqlite3.Database) => void database.pragma(`synchronous = ${synchronous}`),
    },
    () => '?',
  );
  const database = new BetterSqlite3(file);
  database.pragma('journal_mode = WAL');
  database.pragma(`synchronous = ${synchronous}`);
  const [reading, writing] = [database.prepare<[string], PersonData>(select('?')), database.prepare(upsert(() => '?'))];
  const driver: Plain = {
    find: (id) => built(reading.get(id)),
    save: (one) => writing.run(...values(one)),
  };
  const closeAll = async () => {
    database.close();
    await close();
  };
  return { driver, query, typeorm, close: closeAll };
}
