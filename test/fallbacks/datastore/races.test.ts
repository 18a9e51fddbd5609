import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type MemberChange, membersOf, valueOfMembers } from '../../../src/core/collection.js';
import type { FallbackDriver, KeyedChange } from '../../../src/core/fallback-driver.js';
import { Members } from '../../../src/core/members.js';
import { sampleKey, sampleSchema } from '../../../src/testing/sample-schema.js';
import { type DatastoreServer, startDatastore } from '../../support/datastore/server.js';
import { changing, done, putting, rowOf } from '../typeorm/context.js';
import { withDatastore } from './opened.js';

const person = sampleSchema({ name: 'person', fields: { name: 'string', age: 'integer' } });
const tags = sampleSchema({ name: 'tags', kind: 'set' });
const queue = sampleSchema({ name: 'queue', kind: 'list' });
const top = sampleSchema({ name: 'top', kind: 'sorted-set', schema: { limit: 5 } });
const schemas = [person, tags, queue, top];

const ROUNDS = 12;
const rounds = Array.from({ length: ROUNDS }, (_, at) => at);
const ofMembers = (schema: typeof tags, id: string, change: MemberChange): KeyedChange => ({
  schema,
  key: sampleKey(id),
  change,
});
const members = async (driver: FallbackDriver, schema: typeof tags, id: string) => {
  const [entry] = await driver.read(schema, [sampleKey(id)], undefined);
  return entry && [...membersOf(entry.value).ordered].map(({ text }) => text);
};

// Writers of one process take turns; these are of two.
describe.each([
  ['that finds conflicts at the commit', false],
  ['that locks what is read', true],
])('on a service %s, two processes', (_, locks) => {
  let server: DatastoreServer;
  beforeAll(async () => {
    server = await startDatastore({ locks });
  });
  afterAll(() => server.stop());

  const both = (work: (driver: FallbackDriver, who: string) => Promise<unknown>) =>
    withDatastore(server, schemas, (one) =>
      withDatastore(server, schemas, async (other) => {
        await Promise.all([work(one, 'a'), work(other, 'b')]);
        return undefined;
      }),
    );
  const alone = <T>(look: (driver: FallbackDriver) => Promise<T>) => withDatastore(server, schemas, look);

  test('count up the same entities one by one and several at once, and lose nothing', async () => {
    await alone((driver) => done(driver, ...['x', 'y'].map((id) => putting(person, id, { age: 0 }))));
    const up = (id: string) => changing(person, id, { type: 'increment', field: 1, by: 1 });
    await both((driver, who) =>
      Promise.all([
        ...rounds.map(() => done(driver, up('x'))),
        ...rounds.map(() => done(driver, ...(who === 'a' ? [up('x'), up('y')] : [up('y'), up('x')]))),
      ]),
    );
    const ages = await alone(async (driver) => [await rowOf(driver, person, 'x'), await rowOf(driver, person, 'y')]);
    expect(ages.map((row) => row![1])).toEqual([4 * ROUNDS, 2 * ROUNDS]);
  });

  test('add to a set while it is made and changed as a whole, and lose nothing', async () => {
    const grow = (text: string): KeyedChange => ({
      schema: tags,
      key: sampleKey('t'),
      change: {
        type: 'modify',
        change: ([all]: readonly [Members]) => valueOfMembers(all.with([{ text, score: 0 }])),
      } as never,
    });
    await both((driver, who) =>
      Promise.all([
        ...rounds.map((at) =>
          done(driver, ofMembers(tags, 't', { type: 'add', members: [{ text: `${who}${at}`, score: 0 }] })),
        ),
        done(driver, ofMembers(tags, 't', { type: 'add', members: [{ text: who, score: 0 }] })).then(() =>
          Promise.all(rounds.slice(0, 4).map((at) => done(driver, grow(`grown ${who}${at}`)))),
        ),
      ]),
    );
    const expected = ['a', 'b'].flatMap((who) => [
      who,
      ...rounds.map((at) => `${who}${at}`),
      ...rounds.slice(0, 4).map((at) => `grown ${who}${at}`),
    ]);
    expect((await alone((driver) => members(driver, tags, 't')))?.sort()).toEqual(expected.sort());
  });

  test('push and pop at both ends of a list, and neither lose nor double an item', async () => {
    const taken: string[] = [];
    await both(async (driver, who) => {
      await Promise.all(
        rounds.map((at) =>
          done(driver, ofMembers(queue, 'q', { type: 'push', end: at % 2 ? 'first' : 'last', texts: [`${who}${at}`] })),
        ),
      );
      for (const at of rounds.slice(0, 6)) {
        const pop = ofMembers(queue, 'q', { type: 'pop', end: at % 2 ? 'first' : 'last' });
        const result = await done(driver, pop);
        if (result.done) taken.push(...result.outcomes[0]!.answer!.members.map(({ text }) => text));
      }
    });
    const left = (await alone((driver) => members(driver, queue, 'q'))) ?? [];
    const all = ['a', 'b'].flatMap((who) => rounds.map((at) => `${who}${at}`));
    expect([...left, ...taken].sort()).toEqual(all.sort());
    expect(taken).toHaveLength(12);
  });

  test('keep the highest of a sorted set with a limit', async () => {
    await both((driver, who) =>
      Promise.all(
        rounds.map((at) => {
          const score = at * 2 + (who === 'a' ? 0 : 1);
          return done(driver, ofMembers(top, 's', { type: 'add', members: [{ text: `m${score}`, score }] }));
        }),
      ),
    );
    const highest = Array.from({ length: 5 }, (_, at) => `m${2 * ROUNDS - 5 + at}`);
    expect(await alone((driver) => members(driver, top, 's'))).toEqual(highest);
  });

  test('insert the same key, of which one is told that it was first', async () => {
    const results: boolean[] = [];
    await both(async (driver, who) => {
      for (const at of rounds) {
        const [row, set] = [putting(person, `new ${at}`, { name: who }, { expect: 'absent' }), `new ${at}`];
        const put = { type: 'put', row: valueOfMembers(Members.of('set', [])), expect: 'absent' } as never;
        results.push((await driver.write([row, { schema: tags, key: sampleKey(set), change: put }])).done);
      }
    });
    expect(results.filter((one) => one)).toHaveLength(ROUNDS);
  });
});
