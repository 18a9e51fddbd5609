import { describe, expect } from '@jest/globals';
import { StoreFault } from '../../src/core/fallback-driver.js';
import { sqliteDatabases } from '../fallbacks/typeorm/databases.js';
import { type MemorySubjectOptions, memorySubject } from './memory-subject.js';
import { type Evicting, evictionCases, type Refusing, refusalCases } from './refusal-cases.js';

const keyOf = (id: string) => ({ id, parts: [id] });

async function refusing(options: MemorySubjectOptions): Promise<Refusing> {
  const subject = await memorySubject(options);
  return {
    subject,
    async begin(how) {
      const [code] = how.split(',');
      // What takes memory is refused then; what lets go of entries and locks is not.
      const refused = code === 'OOM' ? (['read', 'fill'] as const) : undefined;
      for (const { hot } of subject.allLinks) hot.down(new StoreFault(`The hot tier says ${how}.`, 'none'), refused);
    },
    async end() {
      for (const { hot } of subject.allLinks) hot.up();
    },
    async lies(id) {
      const [found] = await subject.hot.peek(subject.schema('note'), [keyOf(id)]);
      return found!.state === 'value' ? ((found!.value as readonly number[])[0] as number) : found!.state;
    },
  };
}

const MOST = 300;

async function evicting(options: MemorySubjectOptions): Promise<Evicting> {
  const subject = await memorySubject({ ...options, max: MOST });
  const { hot } = subject;
  let fillers = 0;
  return {
    subject,
    async shrink() {
      let entries = 0;
      for (const name of ['note', 'page']) for await (const ids of hot.ids(subject.schema(name))) entries += ids.length;
      // There have been more.
      expect(entries).toBe(MOST);
    },
    async press() {
      const page = subject.schema('page');
      const keys = Array.from({ length: 20 }, () => keyOf(`filler ${fillers++}`));
      await hot.begin(page, keys, 'filler', 1000);
      await hot.commit(
        page,
        keys.map((key) => ({ key, value: [0], ttl: undefined })),
        'filler',
        'set',
      );
    },
    grow: async () => {},
  };
}

describe('In process,', () => {
  refusalCases(() => refusing({}));
  evictionCases(() => evicting({}));
});
describe('In process, in front of SQLite,', () => {
  refusalCases(() => refusing({ databases: sqliteDatabases() }));
  evictionCases(() => evicting({ databases: sqliteDatabases() }));
});
