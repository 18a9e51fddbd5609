// Run by sqlite-crash.test.ts: increments two entries together in the SQLite file FILE until it is killed, and says on standard
// output what was acknowledged.
import { systemClock } from '../../src/core/clock.js';
import { typeormDriver } from '../../src/fallbacks/typeorm/driver.js';
import { sampleKey } from '../../src/testing/sample-schema.js';
import { city, person } from './file-crash-schemas.js';

const driver = typeormDriver({ source: `sqlite:${process.argv[2]}` });
const logger = { info() {}, warn: console.error, error: console.error };
await driver.open([person, city], { synchronize: true, clock: systemClock, logger, statementTimeout: 30_000 });
const change = { type: 'increment', field: 0, by: 1 } as never;
for (let count = 1; ; count++) {
  await driver.write([
    { schema: person, key: sampleKey('a'), change },
    { schema: city, key: sampleKey('b'), change },
  ]);
  console.log(`acknowledged ${count}`);
}
