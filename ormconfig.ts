// The data source of the samples, for TypeORM's own command line:
//   npm run typeorm -- schema:log -d ormconfig.ts
//   DATABASE_URL=postgresql://localhost/test npm run typeorm -- migration:generate -d ormconfig.ts migrations/first
// and for open(): Holdfast.open({ entities, fallbacks: { home: dataSource } }).
import { dataSourceOptions } from 'holdfast/typeorm';
import { DataSource } from 'typeorm';
import { Session } from './samples/entities/session.js';

/** The database that DATABASE_URL names (`postgresql:`, `mysql:`, `mariadb:`, `sqlite:PATH`), or a SQLite file. */
export const dataSource = new DataSource({
  ...dataSourceOptions(process.env.DATABASE_URL ?? 'sqlite:holdfast.sqlite', [Session]),
  migrations: ['migrations/*.js'],
});
