// Run by file-crash.test.ts: writes to the store in DIRECTORY, and says on standard output what was acknowledged.
//   file-crash-child.ts DIRECTORY batch [STEP]   writes two entries together and closes, and kills itself before step STEP of that
//   file-crash-child.ts DIRECTORY stream         increments two entries together until it is killed
import { systemClock } from '../../src/core/clock.js';
import { fileDriver } from '../../src/fallbacks/file/driver.js';
import { type Files, systemFiles } from '../../src/fallbacks/file/files.js';
import { sampleKey } from '../../src/testing/sample-schema.js';
import { city, person } from './file-crash-schemas.js';

const [directory, mode, killAt] = process.argv.slice(2) as [string, string, string | undefined];
const steps: string[] = [];
let counting = false;

/** Every step that changes something, in the order in which they are begun. */
function step(name: string): void {
  if (!counting) return;
  if (steps.length === Number(killAt)) process.kill(process.pid, 'SIGKILL');
  steps.push(name);
}

const files: Files = {
  ...systemFiles,
  async create(file, content, options) {
    step('create');
    await systemFiles.create(file, content, options);
  },
  async rename(from, to) {
    step('rename');
    await systemFiles.rename(from, to);
  },
  async link(from, to) {
    step('link');
    return systemFiles.link(from, to);
  },
  async remove(file) {
    step('remove');
    return systemFiles.remove(file);
  },
  async flushDirectory(path) {
    step('flushDirectory');
    return systemFiles.flushDirectory(path);
  },
  async counter(file) {
    const counter = await systemFiles.counter(file);
    return {
      ...counter,
      async write(value) {
        step('counter');
        await counter.write(value);
      },
    };
  },
};

const logger = { info() {}, warn: console.error, error: console.error };
const driver = fileDriver({ directory, machine: { files } });
await driver.open([person, city], { synchronize: true, clock: systemClock, logger, statementTimeout: 30_000 });
const keys = { person: sampleKey('a'), city: sampleKey('b') };

if (mode === 'batch') {
  counting = true;
  await driver.write([
    { schema: person, key: keys.person, change: { type: 'put', row: [2] } as never },
    { schema: city, key: keys.city, change: { type: 'put', row: [2] } as never },
  ]);
  console.log('acknowledged');
  await driver.close();
  console.log(`steps ${JSON.stringify(steps)}`);
} else {
  for (let count = 1; ; count++) {
    const increment = { type: 'increment', field: 0, by: 1 } as never;
    await driver.write([
      { schema: person, key: keys.person, change: increment },
      { schema: city, key: keys.city, change: increment },
    ]);
    console.log(`acknowledged ${count}`);
  }
}
