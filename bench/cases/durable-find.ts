import type { BenchCase } from '../harness/case.js';
import type { Comparison } from '../harness/measure.js';
import { atOnce, type Database } from './databases.js';
import { opened } from './opened.js';
import { HotPerson, PEOPLE, person } from './people.js';

/** A read that the database answers, beside other ways of asking it. */
export const durableFind = (database: Database, aim: number): BenchCase => ({
  name: `${database.name}-find`,
  needs: database.name === 'postgres' ? ['postgres'] : [],
  async open(context) {
    const plain = await database.plain(context);
    const { people, keys, close } = await opened(HotPerson, {
      fallbacks: { home: database.url(context) },
      logger: false,
    });
    const peers = [
      { name: `${database.driver}, SQL by hand`, run: (n: number) => plain.driver.find(person(n).id) },
      { name: 'dataSource.query, SQL by hand', run: (n: number) => plain.query.find(person(n).id) },
      { name: "TypeORM's findOneBy", run: (n: number) => plain.typeorm.findOneBy({ id: person(n).id }), aim },
    ];
    const compared = (concurrency: number): Comparison[] => {
      const common = { concurrency, expected: person };
      const at = `${database.title}, ${atOnce(concurrency)}`;
      return [
        {
          ...common,
          title: `find, from: 'durable', ${at}`,
          variants: [{ name: 'find', run: (n) => people.find(person(n).id, { from: 'durable' }) }, ...peers],
        },
        {
          ...common,
          title: `find, cold, with the fill of a hot tier in process, ${at}`,
          limit: PEOPLE,
          prepare: () => people.evict(keys),
          variants: [{ name: 'find', run: (n) => people.find(person(n).id) }, ...peers],
        },
      ];
    };
    return {
      comparisons: database.concurrencies.flatMap(compared),
      close: () => Promise.all([close(), plain.close()]).then(() => {}),
    };
  },
});
