// A process with nothing that keeps it alive but what it waits for: no socket, no server.
import { StoreFault } from '../../src/core/fallback-driver.js';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { defineEntity, Holdfast, RedisHash } from '../../src/index.js';
import { faultyDriver } from '../../src/testing/faulty.js';

const Note = defineEntity({
  name: 'note',
  kind: RedisHash(),
  key: { id: 'string' },
  fields: { text: 'string' },
  fallback: 'home',
});

async function main(what: string | undefined): Promise<void> {
  const { driver, faults } = faultyDriver(memoryDriver());
  const holdfast = await Holdfast.open({ entities: [Note], fallbacks: { home: driver }, logger: false });
  const notes = holdfast.repository(Note);
  if (what === 'retry') {
    faults.failNext('read', new StoreFault('not there for a moment', 'none'));
    console.log('found', await notes.find('a'));
  } else {
    faults.failNext('write', new StoreFault('no answer', 'unknown', { unknownFor: 100 }));
    await notes.save({ id: 'a', text: 'x' }).catch(() => {});
    await holdfast.close();
    console.log('closed');
  }
}

void main(process.argv[2]);
