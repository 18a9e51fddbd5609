// Run by outage.server.test.ts: reads and writes shared keys until SIGTERM, then writes down what came of it.
//   outage-child.ts REDIS DATABASE NAME FILE
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Holdfast, StoreUnavailableError } from '../../src/index.js';
import { Note } from './entities.js';
import { NAMESPACE } from './namespace.js';
import { KEYS, type Operation } from './outage-log.js';

const READERS = 5;
const WRITERS = 3;

async function main(redis: string, database: string, name: string, file: string): Promise<void> {
  const holdfast = await Holdfast.open({
    entities: [Note],
    redis,
    fallbacks: { home: database },
    synchronize: false,
    namespace: NAMESPACE,
    logger: false,
  });
  const notes = holdfast.repository(Note);
  const log: Operation[] = [];
  let stopped = false;
  let state = '';
  // The same clock in all processes.
  const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;
  const run = async (type: Operation['type'], id: string, operation: () => Promise<number>): Promise<void> => {
    const began = now();
    try {
      const n = await operation();
      log.push({ process: name, type, id, began, ended: now(), n });
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      log.push({ process: name, type, id, began, ended: now(), error: error.message });
    }
  };
  const any = () => KEYS[Math.floor(Math.random() * KEYS.length)]!;
  const read = async () => {
    const id = any();
    await run('read', id, async () => (await notes.findOrFail(id)).n);
    await sleep(5);
  };
  const write = async () => {
    const id = any();
    await run('write', id, async () =>
      Math.random() < 0.5
        ? notes.increment(id, 'n')
        : (
            await notes.update(id, (note) => {
              note.n += 1;
            })
          ).n,
    );
    await sleep(10);
  };
  const watch = async () => {
    const { state: next } = holdfast.health();
    if (next !== state) console.log(`${next} ${now()}`);
    state = next;
    await sleep(10);
  };
  const forever = async (step: () => Promise<void>) => {
    while (!stopped) await step();
  };
  const loops = [
    ...Array.from({ length: READERS }, () => forever(read)),
    ...Array.from({ length: WRITERS }, () => forever(write)),
    forever(watch),
  ];
  process.once('SIGTERM', () => {
    stopped = true;
  });
  await Promise.all(loops);
  await writeFile(file, JSON.stringify(log));
  await holdfast.close();
  console.log('written');
}

const [redis, database, name, file] = process.argv.slice(2) as [string, string, string, string];
await main(redis, database, name, file);
