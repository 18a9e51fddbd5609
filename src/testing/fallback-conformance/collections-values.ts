import { strict as assert } from 'node:assert';
import { membersOf } from '../../core/collection.js';
import { collecting, collectingEach, growing, shrinking } from './collections.js';

const times = <T>(count: number, call: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => call(at));

export const collectionValueCases = [
  ...collectingEach('absent, empty and without its last member are told apart', async (subject) => {
    await subject.lacks('a');
    await subject.done(subject.put('empty', []));
    await subject.holds('empty', []);
    await subject.each(subject.put('was', ['one']), growing(subject, 'made', ['one']));
    await subject.done(shrinking(subject, 'was', 'one'));
    await subject.done(shrinking(subject, 'made', 'one'));
    const check = async (from: typeof subject) => {
      await from.lacks('a');
      for (const id of ['empty', 'was', 'made']) {
        await from.holds(id, []);
        assert.deepEqual(await from.ask(id, { type: 'exists' }), { members: [], numbers: [] });
        assert.deepEqual(await from.numbers(id, { type: 'size' }), [0]);
      }
      assert.equal(await from.driver.count(from.schema), 3);
    };
    await check(subject);
    const again = await subject.reopen();
    await check(again);
    for (const id of ['empty', 'was']) await again.done(again.delete(id));
    await again.done(again.delete('never'));
    await again.lacks('empty');
    await again.lacks('was');
    assert.equal(await again.driver.count(again.schema), 1);
    await again.each(growing(again, 'made', ['two']), growing(again, 'was', ['three']));
    await again.holds('made', ['two']);
    await again.holds('was', ['three']);
    await again.each(shrinking(again, 'made', 'two'), again.delete('made'));
    await again.lacks('made');
  }),
  ...collectingEach('a put replaces all members, one of none leaves it empty', async (subject) => {
    await subject.done(subject.put('a', ['one', 'three', 'two']));
    await subject.holds('a', ['one', 'three', 'two']);
    await subject.done(subject.put('a', ['four', 'two']));
    await subject.holds('a', ['four', 'two']);
    await subject.done(subject.put('a', []));
    await subject.holds('a', []);
    await subject.done(subject.put('a', ['five']));
    await subject.holds('a', ['five']);
    assert.equal(await subject.driver.count(subject.schema), 1);
  }),
  ...collectingEach('a put that expects none is not made over one, be it empty', async (subject) => {
    await subject.done(subject.insert('a', ['one']));
    await subject.refused('exists', [subject.insert('a', ['two'])]);
    await subject.done(subject.insert('empty', []));
    await subject.refused('exists', [subject.insert('empty', ['two'])]);
    await subject.refused('exists', [subject.insert('empty', [])]);
    await subject.done(shrinking(subject, 'a', 'one'));
    await subject.refused('exists', [subject.insert('a', ['two'])]);
    await subject.done(subject.delete('a'));
    await subject.done(subject.insert('a', ['two']));
    await subject.holds('a', ['two']);
    await subject.holds('empty', []);
  }),
  ...collectingEach('patches and changes are made where it is there, and answer with what it is', async (subject) => {
    await subject.refused('missing', [subject.patch('a', ['x'])]);
    await subject.refused('missing', [subject.change('a', { type: 'patch', set: new Map() })]);
    await subject.refused('missing', [subject.modify('a', () => assert.fail('must not be called'))]);
    await subject.lacks('a');
    await subject.done(subject.put('a', ['one']));
    await subject.done(subject.patch('a', ['two', 'zwei']));
    await subject.holds('a', ['two', 'zwei']);
    await subject.done(subject.change('a', { type: 'patch', set: new Map() }));
    await subject.holds('a', ['two', 'zwei']);
    const seen: string[][] = [];
    await subject.done(
      subject.modify('a', (members) => {
        seen.push([...members.ordered].map(({ text }) => text));
        return subject.members(['three', ...[...members.ordered].map(({ text }) => text)]);
      }),
    );
    for (const texts of seen) assert.deepEqual(texts, ['two', 'zwei']);
    await subject.holds('a', ['three', 'two', 'zwei']);
    await subject.done(subject.patch('a', []));
    await subject.holds('a', []);
    await subject.done(subject.modify('a', () => subject.members(['four'])));
    await subject.holds('a', ['four']);
    await subject.done(subject.modify('a', (members) => members));
    await subject.holds('a', ['four']);
    const thrown = new Error('no');
    const throwing = subject.modify('a', () => {
      throw thrown;
    });
    await assert.rejects(subject.write(throwing), (error) => error === thrown);
    await subject.holds('a', ['four']);
    await subject.done(subject.modify('a', () => subject.members([])));
    await subject.holds('a', []);
  }),
  ...collectingEach('a delete tells whether there was one, and leaves nothing', async (subject) => {
    await subject.done(subject.delete('a'));
    await subject.done(subject.put('a', ['one']));
    await subject.done(subject.put('b', ['one']));
    await subject.done(subject.delete('a'));
    await subject.lacks('a');
    await subject.holds('b', ['one']);
    await subject.done(growing(subject, 'a', ['two']));
    await subject.holds('a', ['two']);
  }),
  ...collectingEach('what looks like a part of another key, or of another member, is not', async (subject) => {
    const ids = ['a', 'a~', 'a:', 'a:b', 'aa', '', 'a%', 'A'];
    for (const [at, id] of ids.entries()) await subject.done(subject.put(id, [`only ${at}`, 'shared']));
    await subject.each(shrinking(subject, 'a', 'shared'), growing(subject, 'a:b', ['~', 'a']), subject.put('a~', []));
    for (const id of ids) await subject.agrees(id);
    await subject.done(subject.delete('a'));
    for (const id of ids) await subject.agrees(id);
    assert.equal(await subject.driver.count(subject.schema), ids.length - 1);
  }),
  ...collectingEach(
    'a scan gives each collection once, with and without members, in the order of the keys',
    async (subject) => {
      const ids = Array.from({ length: 60 }, (_, at) => `k${String(at).padStart(3, '0')}`);
      for (const [at, id] of ids.entries()) {
        if (at % 3 === 0) await subject.done(subject.put(id, []));
        else if (at % 3 === 1) await subject.each(growing(subject, id, ['m']), shrinking(subject, id, 'm'));
        else
          await subject.done(
            growing(
              subject,
              id,
              times(at, (n) => `m${n}`),
            ),
          );
      }
      const seen: [string, number][] = [];
      for await (const { key, entry } of subject.driver.scan(subject.schema)) {
        seen.push([key.id, membersOf(entry.value).size]);
        const [found] = await subject.driver.read(subject.schema, [key], undefined);
        assert.ok(subject.schema.kind.same(found!.value, entry.value));
      }
      assert.deepEqual(
        seen,
        ids.map((id, at) => [id, at % 3 === 2 ? at : 0]),
      );
      assert.equal(await subject.driver.count(subject.schema), ids.length);
    },
  ),
  ...collectingEach('several are read at once, in the order of the keys that were asked for', async (subject) => {
    await subject.done(subject.put('a', ['one']));
    await subject.done(subject.put('b', []));
    await subject.done(subject.put('c', ['one', 'three', 'two']));
    const keys = ['c', 'none', 'b', 'a', 'c'].map((id) => subject.change(id, { type: 'delete' }).key);
    const found = await subject.driver.read(subject.schema, keys, undefined);
    const sizes = found.map((entry) => entry && membersOf(entry.value).size);
    assert.deepEqual(sizes, [3, null, 0, 1, 3]);
    const answers = await subject.driver.read(subject.schema, keys, { id: 'size', type: 'size' });
    assert.deepEqual(
      answers.map((entry) => entry && (entry.value as { numbers: unknown }).numbers),
      [[3], null, [0], [1], [3]],
    );
    assert.deepEqual(await subject.driver.read(subject.schema, [], undefined), []);
  }),
  collecting('sorted-set', 'one of 20,000 members is put, read and deleted whole', async (subject) => {
    const members = Array.from({ length: 20_000 }, (_, at) => [`member ${at}`, at / 3] as const);
    await subject.done(subject.put('a', members));
    await subject.holds('a', members);
    await subject.done(subject.remove('a', ...members.slice(10, 19_000).map(([text]) => text)));
    await subject.holds('a', [...members.slice(0, 10), ...members.slice(19_000)]);
    await subject.done(subject.add('a', members));
    await subject.holds('a', members);
    await subject.done(subject.delete('a'));
    await subject.lacks('a');
  }),
];
