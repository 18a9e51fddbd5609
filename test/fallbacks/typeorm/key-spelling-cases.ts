import { expect, test } from '@jest/globals';
import { type ColumnOptions, PrimaryColumn, Column as TypeormColumn, Entity as TypeormEntity } from 'typeorm';
import { Fallback, type HashRepository, Holdfast, RedisHash } from '../../../src/index.js';
import type { TestDatabases } from './databases.js';

type Id = string | number | Date;
interface Thing {
  id: Id;
  note: string;
}

/** Two keys that a column takes for one, or makes one of. */
export interface Spelling {
  readonly name: string;
  /** The key column as TypeORM's decorator has it. */
  readonly column: ColumnOptions;
  /** What the column keeps as it is. */
  readonly kept: Id;
  readonly other: Id;
  /** Makes the table `thing` by hand, where TypeORM would make it otherwise. */
  readonly made?: readonly string[];
  /** What `open()` advises; `undefined` where the column is sound. */
  readonly warns?: RegExp;
  /** Whether the other one is kept too, where it comes first. */
  readonly either?: boolean;
}

function thing(column: ColumnOptions, kept: Id, through: boolean) {
  class Thing {
    id!: Id;
    note!: string;
  }
  const prototype = Thing.prototype;
  Reflect.defineMetadata('design:type', kept.constructor, prototype, 'id');
  PrimaryColumn(column as never)(prototype, 'id');
  TypeormColumn({ type: 'varchar', length: 20 })(prototype, 'note');
  TypeormEntity('thing')(Thing);
  RedisHash()(Thing);
  Fallback('home', through ? { through: 'typeorm' } : {})(Thing);
  return Thing;
}

const nameOf = (error: unknown) => (error as Error).constructor.name;

/** What an application sees of a key: the note under it, nothing, or the error. */
async function seen(things: HashRepository<Thing>, id: Id): Promise<unknown[]> {
  const finds = [{}, {}, { from: 'durable' }] as const;
  const out: unknown[] = [];
  for (const options of finds) out.push(await things.find(id as never, options).then((found) => found?.note, nameOf));
  return out;
}

export function keySpellingCases(databases: TestDatabases, spellings: readonly Spelling[]): void {
  for (const { name, column, kept, other, made = [], either = false, warns } of spellings)
    test.each([
      ['directly', false],
      ["through TypeORM's repository", true],
    ])(`${name}: two spellings are never two entities, nor answered in two ways, %s`, async (_, through) => {
      const database = await databases.fresh();
      for (const sql of made) await database.sql(sql);
      const warnings: string[] = [];
      const logger = { info: () => {}, error: () => {}, warn: (message: string) => void warnings.push(message) };
      const holdfast = await Holdfast.open({
        entities: [thing(column, kept, through)],
        fallbacks: { home: database.url },
        synchronize: true,
        logger,
      });
      try {
        const [entity] = holdfast.entities;
        const things = holdfast.repository(entity!) as unknown as HashRepository<Thing>;
        // Where the keys have a form that is checked, nothing is slower.
        const told = warnings.filter((message) => message.startsWith('Thing: in its key column id '));
        expect(told).toEqual(warns === undefined ? [] : [expect.stringMatching(warns)]);

        const absent = async (id: Id) => {
          const answers = await seen(things, id);
          expect([[undefined, undefined, undefined], new Array(3).fill('ValidationError')]).toContainEqual(answers);
        };
        const save = (id: Id, note: string) => things.save({ id, note } as never).then(() => 'saved', nameOf);

        expect(await save(kept, 'kept')).toBe('saved');
        await absent(other);
        expect(await save(other, 'other')).toBe('ValidationError');
        expect(await things.insert({ id: other, note: 'other' } as never).then(() => 'saved', nameOf)).toBe(
          'ValidationError',
        );
        expect(['EntityNotFoundError', 'ValidationError']).toContain(
          await things.update(other as never, { note: 'other' } as never).then(() => 'updated', nameOf),
        );
        expect([false, 'ValidationError']).toContain(await things.delete(other as never).catch(nameOf));
        await absent(other);
        expect(await seen(things, kept)).toEqual(['kept', 'kept', 'kept']);
        expect(await things.count()).toBe(1);

        await things.delete(kept as never);
        expect(await save(other, 'first')).toBe(either ? 'saved' : 'ValidationError');
        if (either) expect(await seen(things, other)).toEqual(['first', 'first', 'first']);
        else await absent(other);
        await absent(kept);
        expect(await things.count()).toBe(either ? 1 : 0);
      } finally {
        await holdfast.close();
      }
    });
}

export const instant = new Date('2026-01-02T03:04:05.000Z');
export const fraction = new Date('2026-01-02T03:04:05.400Z');
export const uuid = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';
