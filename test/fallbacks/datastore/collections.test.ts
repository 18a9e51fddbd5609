import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type MemberChange, membersOf, valueOfMembers } from '../../../src/core/collection.js';
import { ValidationError } from '../../../src/core/errors.js';
import type { FallbackDriver, KeyedChange } from '../../../src/core/fallback-driver.js';
import { Members } from '../../../src/core/members.js';
import { fakeClock } from '../../../src/testing/fake-clock.js';
import { sampleKey, sampleSchema } from '../../../src/testing/sample-schema.js';
import { type DatastoreServer, startDatastore } from '../../support/datastore/server.js';
import { until } from '../../support/until.js';
import { callsOf, entitiesOf, withDatastore } from './opened.js';

const ranking = sampleSchema({ name: 'ranking', kind: 'sorted-set' });
const tags = sampleSchema({ name: 'tags', kind: 'set' });
const queue = sampleSchema({ name: 'queue', kind: 'list' });
const MINUTE = 60_000;

const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => ({ text: `m${from + at}`, score: from + at }));
const change = (schema: typeof ranking, given: MemberChange | { type: 'delete' }): KeyedChange => ({
  schema,
  key: sampleKey('a'),
  change: given,
});
const putting = (schema: typeof ranking, members: ReturnType<typeof numbered>): KeyedChange => ({
  schema,
  key: sampleKey('a'),
  change: { type: 'put', row: valueOfMembers(Members.of(schema.kind.structure!, members)) } as never,
});
const texts = async (driver: FallbackDriver, schema = ranking) => {
  const [entry] = await driver.read(schema, [sampleKey('a')], undefined);
  return entry && [...membersOf(entry.value).ordered].map(({ text }) => text);
};
const expected = (members: ReturnType<typeof numbered>) => members.map(({ text }) => text);

let server: DatastoreServer;
beforeEach(async () => {
  server = await startDatastore();
});
afterEach(() => server.stop());

const commits = () =>
  server.requests.flatMap(({ method, body }) => (method === 'Commit' ? [body.mutations.length] : []));

test('one more member writes that member and nothing else, however many there are', async () => {
  await withDatastore(server, [ranking], async (driver) => {
    await driver.write([putting(ranking, numbered(300))]);
    server.forget();
    await driver.write([change(ranking, { type: 'add', members: [{ text: 'new', score: 7 }] })]);
    expect(commits()).toEqual([1]);
    expect(callsOf(server)).toEqual({ Lookup: 2, Commit: 1 });
    server.forget();
    await driver.write([change(ranking, { type: 'remove', texts: ['new', 'm3'] })]);
    expect(commits()).toEqual([2]);
    expect((await texts(driver))?.length).toBe(299);
  });
});

test('a push to a list writes the item and the head of the list, and a pop takes them', async () => {
  await withDatastore(server, [queue], async (driver) => {
    await driver.write([putting(queue, numbered(300))]);
    server.forget();
    await driver.write([change(queue, { type: 'push', end: 'last', texts: ['new'] })]);
    await driver.write([change(queue, { type: 'pop', end: 'first' })]);
    expect(commits()).toEqual([2, 2]);
    expect(await texts(driver, queue)).toEqual([...expected(numbered(299, 1)), 'new']);
  });
});

test('adders of other members do not wait for each other, nor write what they share', async () => {
  await withDatastore(server, [tags], async (driver) => {
    await driver.write([putting(tags, [])]);
    server.forget();
    await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        driver.write([change(tags, { type: 'add', members: [{ text: `t${at}`, score: 0 }] })]),
      ),
    );
    expect(callsOf(server).Commit).toBe(20);
  });
});

test('more members than a commit takes are put in their place in one step, and the old ones are deleted behind', async () => {
  await withDatastore(server, [ranking], async (driver) => {
    await driver.write([putting(ranking, numbered(30))]);
    await driver.write([putting(ranking, numbered(1200, 100))]);
    expect(await texts(driver)).toEqual(expected(numbered(1200, 100)));
    await until('the old ones are gone', async () => entitiesOf(server, 'ranking_members').length === 1200);
    await until('and so is what told of them', async () => entitiesOf(server, 'ranking_members_old').length === 0);
    await driver.write([change(ranking, { type: 'delete' })]);
    await until('nothing is left', async () =>
      ['ranking', 'ranking_members', 'ranking_members_old'].every((kind) => entitiesOf(server, kind).length === 0),
    );
  });
});

test('a change of more members than a commit takes is made in one step too', async () => {
  await withDatastore(server, [ranking, tags], async (driver) => {
    await driver.write([putting(ranking, numbered(30))]);
    const [outcome] = (
      (await driver.write([change(ranking, { type: 'add', members: numbered(1200, 20) })])) as never as {
        outcomes: readonly { answer: unknown }[];
      }
    ).outcomes;
    expect(outcome!.answer).toEqual({ members: [], numbers: [1190] });
    expect(await texts(driver)).toEqual(expected(numbered(1220)));
    await driver.write([change(ranking, { type: 'remove', texts: expected(numbered(1000)) })]);
    expect(await texts(driver)).toEqual(expected(numbered(220, 1000)));
  });
});

test('a writer who is cut off while he replaces members leaves the old ones as they were, and what he left is deleted later', async () => {
  const clock = fakeClock(Date.now());
  await withDatastore(
    server,
    [ranking],
    async (driver) => {
      await driver.write([putting(ranking, numbered(30))]);
      // The note of the new members and 500 of them are written; then the service is away.
      let held = () => {};
      server.fail({ method: 'Commit', gate: Promise.resolve() });
      server.fail({ method: 'Commit', gate: Promise.resolve() });
      server.fail({
        method: 'Commit',
        code: 'UNAVAILABLE',
        times: 100,
        gate: new Promise<void>((resolve) => (held = resolve)),
      });
      const write = driver.write([putting(ranking, numbered(1200, 100))]).catch((error: unknown) => error);
      await until('some are written', async () => entitiesOf(server, 'ranking_members').length === 530);
      held();
      // The old members are what there is, whatever has come of the new ones.
      expect(await write).toMatchObject({ name: 'StoreFault', outcome: 'none' });
      expect(await texts(driver)).toEqual(expected(numbered(30)));
    },
    { clock },
  );
  expect(entitiesOf(server, 'ranking_members').length).toBe(530);
  expect(entitiesOf(server, 'ranking_members_old').length).toBe(1);
  const other = await startDatastore({ of: server.service });
  await withDatastore(other, [ranking], (driver) => driver.count(ranking), { clock });
  expect(entitiesOf(server, 'ranking_members').length).toBe(530);
  await clock.advance(11 * MINUTE);
  await withDatastore(
    other,
    [ranking],
    async (driver) => {
      await until('they are deleted', async () => entitiesOf(server, 'ranking_members').length === 30);
      await until('and so is the note', async () => entitiesOf(server, 'ranking_members_old').length === 0);
      expect(await texts(driver)).toEqual(expected(numbered(30)));
    },
    { clock },
  );
  await other.stop();
});

test('new members that could only be written in part are written anew, whole', async () => {
  await withDatastore(server, [ranking], async (driver) => {
    await driver.write([putting(ranking, numbered(3))]);
    for (let at = 0; at < 2; at++) server.fail({ method: 'Commit', gate: Promise.resolve() });
    server.fail({ method: 'Commit', code: 'ABORTED', times: 8 });
    expect(await driver.write([putting(ranking, numbered(1200, 100))])).toMatchObject({ done: true });
    expect(await texts(driver)).toEqual(expected(numbered(1200, 100)));
    await until('nothing else is left', async () => entitiesOf(server, 'ranking_members').length === 1200);
  });
});

test('a writer who is so slow that others take his new members for abandoned starts anew, and loses nothing', async () => {
  const clock = fakeClock(Date.now());
  await withDatastore(
    server,
    [ranking],
    async (driver) => {
      await driver.write([putting(ranking, numbered(3))]);
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      for (let at = 0; at < 3; at++) server.fail({ method: 'Commit', gate: Promise.resolve() });
      server.fail({ method: 'Commit', gate });
      const write = driver.write([putting(ranking, numbered(1200, 100))]);
      await until(
        'all but the last part is written',
        async () => entitiesOf(server, 'ranking_members').length === 1003,
      );
      await clock.advance(11 * MINUTE);
      const other = await startDatastore({ of: server.service });
      await withDatastore(
        other,
        [ranking],
        () => until('others delete them', async () => entitiesOf(server, 'ranking_members').length === 3),
        { clock },
      );
      release();
      expect(await write).toMatchObject({ done: true });
      expect(await texts(driver)).toEqual(expected(numbered(1200, 100)));
      await until('nothing else is left', async () => entitiesOf(server, 'ranking_members').length === 1200);
      await other.stop();
    },
    { clock },
  );
});

test('members end with their collection in a property of their own, so that the service can sweep them', async () => {
  await withDatastore(server, [ranking], async (driver) => {
    const expiresAt = Date.now() + MINUTE;
    await driver.write([change(ranking, { type: 'add', members: numbered(2), expiresAt })]);
    await driver.write([change(ranking, { type: 'add', members: numbered(1, 2), expiresAt: expiresAt + 1 })]);
    const ends = ['ranking', 'ranking_members'].flatMap((kind) =>
      entitiesOf(server, kind).map(({ entity }) => {
        const { timestampValue, excludeFromIndexes = false } = entity.properties.expiresAt!;
        return [Number(timestampValue!.seconds) * 1000 + timestampValue!.nanos! / 1e6, excludeFromIndexes];
      }),
    );
    expect(ends).toEqual(Array.from({ length: 4 }, () => [expiresAt, false]));
  });
});

test('a member may have as many bytes as its place in the index leaves it, and an item of a list as many as an entity', async () => {
  await withDatastore(server, [ranking, tags, queue], async (driver) => {
    for (const [schema, most] of [
      [ranking, 1468],
      [tags, 1484],
    ] as const) {
      const longest = 'é'.repeat(most / 2);
      const adding = (text: string) => driver.write([change(schema, { type: 'add', members: [{ text, score: 0 }] })]);
      await adding(longest);
      await expect(adding(`${longest}x`)).rejects.toThrow(ValidationError);
      await expect(adding(`${longest}x`)).rejects.toThrow(`has a member of ${most + 1} bytes`);
      await expect(adding(`${longest}x`)).rejects.toThrow(`Datastore takes at most ${most}; nothing was written`);
      expect(await texts(driver, schema)).toEqual([longest]);
      // Nobody can have put it there, so it is asked for without asking.
      expect(
        await driver.read(schema, [sampleKey('a')], { id: 's', type: 'scores', texts: ['x'.repeat(9000)] }),
      ).toEqual([{ value: { members: [], numbers: [undefined] } }]);
    }
    const item = 'x'.repeat(1_000_000);
    await driver.write([change(queue, { type: 'push', end: 'last', texts: [item] })]);
    expect(await texts(driver, queue)).toEqual([item]);
    const push = driver.write([change(queue, { type: 'push', end: 'last', texts: ['x'.repeat(2 ** 20)] })]);
    await expect(push).rejects.toThrow(ValidationError);
  });
});
