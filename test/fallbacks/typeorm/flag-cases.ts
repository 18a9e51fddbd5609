import { expect } from '@jest/globals';
import { Column, PrimaryColumn, Entity as TypeormEntity } from 'typeorm';
import { Fallback, Flag, type FlagValue, Holdfast } from '../../../src/index.js';
import { sampleKey, sampleSchema } from '../../../src/testing/sample-schema.js';
import { done, putting, rowOf, withDriver } from './context.js';
import { ofUser, pendingSql, type SqlCase } from './sql-cases.js';

const visited = sampleSchema({ name: 'visited', kind: 'flag', keys: { person: 'string', city: 'integer' } });
const key = sampleKey('ann', 1);

@TypeormEntity('visits')
@Flag()
@Fallback('home')
class Visit {
  @PrimaryColumn({ type: 'varchar', length: 40 }) id!: string;
  @Column({ name: 'was_seen', type: 'boolean' }) seen!: FlagValue;
}

/** What every SQL database must do with flags. */
export const flagCases: readonly SqlCase[] = [
  {
    name: 'a flag is a table of its key and one boolean that is never NULL, which TypeORM makes alike',
    async run(database) {
      await withDriver(database.url, [visited], async (driver) => {
        await done(driver, putting(visited, key, { seen: false }));
        const inserted = database.sql(`INSERT INTO visited (person, city, seen) VALUES ('v', 2, NULL)`);
        expect(await inserted.catch((error: unknown) => String(error))).toMatch(/null/i);
        expect(await rowOf(driver, visited, key)).toEqual([false]);
      });
      const dataSource = await ofUser(database, [visited]);
      const columns = dataSource.getMetadata('visited').columns.map(({ databaseName }) => databaseName);
      expect(columns).toEqual(['person', 'city', 'seen', '_expires_at']);
      expect(await pendingSql(dataSource)).toEqual([]);
      await dataSource.destroy();
    },
  },
  {
    name: 'rows that were there before a flag had its column are told as damaged, and can be set',
    async run(database) {
      const before = sampleSchema({ name: 'visited', fields: {} });
      const after = sampleSchema({ name: 'visited', kind: 'flag' });
      await withDriver(database.url, [before], (driver) => done(driver, putting(before, 'a', {})));
      await withDriver(database.url, [after], async (driver) => {
        await expect(rowOf(driver, after, 'a')).rejects.toThrow('column seen: it is NULL');
        await done(driver, putting(after, 'a', { seen: true }));
        expect(await rowOf(driver, after, 'a')).toEqual([true]);
      });
    },
  },
  {
    name: 'a class that TypeORM maps can be a flag',
    async run(database) {
      const dataSource = await ofUser(database, [], { entities: [Visit], synchronize: true });
      const visits = dataSource.getRepository(Visit);
      await visits.insert({ id: 'theirs', seen: false });
      const holdfast = await Holdfast.open({
        entities: [Visit],
        fallbacks: { home: dataSource },
        synchronize: true,
        logger: false,
      });
      const flags = holdfast.repository(Visit);
      expect(await flags.get('theirs')).toBe(false);
      await flags.set('mine');
      await flags.set('theirs');
      await flags.unset('mine');
      expect(await flags.isSetMany(['mine', 'theirs', 'never'])).toEqual([false, true, false]);
      expect(await flags.update('mine', { seen: true })).toEqual(
        Object.assign(new Visit(), { id: 'mine', seen: true }),
      );
      const rows = await visits.find({ order: { id: 'ASC' } });
      expect(rows.map(({ id, seen }) => [id, Boolean(seen)])).toEqual([
        ['mine', true],
        ['theirs', true],
      ]);
      await holdfast.close();
      await dataSource.destroy();
    },
  },
];
