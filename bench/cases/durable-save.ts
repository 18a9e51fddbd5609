import type { BenchCase } from '../harness/case.js';
import { atOnce, type Database } from './databases.js';
import { opened } from './opened.js';
import { changed, HotPerson } from './people.js';
import { PersonRecord } from './plain-database.js';

/** A write of an entity that exists, to the database alone, beside other ways of writing it. */
export const durableSave = (database: Database): BenchCase => ({
  name: `${database.name}-save`,
  needs: database.name === 'postgres' ? ['postgres'] : [],
  async open(context) {
    const plain = await database.plain(context);
    const { people, close } = await opened(HotPerson, { redis: false, fallbacks: { home: database.url(context) } });
    return {
      comparisons: database.concurrencies.map((concurrency) => ({
        title: `save, ${database.title}, ${atOnce(concurrency)}`,
        concurrency,
        variants: [
          { name: 'save', run: (n) => people.save(changed(HotPerson, n)) },
          { name: `${database.driver}, SQL by hand`, run: (n) => plain.driver.save(changed(PersonRecord, n)) },
          { name: 'dataSource.query, SQL by hand', run: (n) => plain.query.save(changed(PersonRecord, n)) },
          { name: "TypeORM's upsert", run: (n) => plain.typeorm.upsert(changed(PersonRecord, n), ['id']) },
          { name: "TypeORM's save", run: (n) => plain.typeorm.save(changed(PersonRecord, n)) },
        ],
      })),
      close: () => Promise.all([close(), plain.close()]).then(() => {}),
    };
  },
});
