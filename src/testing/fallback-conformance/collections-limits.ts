import { strict as assert } from 'node:assert';
import { collecting, expiring, growing, shrinking } from './collections.js';

const LONG = 3_600_000;
const SHORT = 40;
const { POSITIVE_INFINITY: MOST } = Number;
const three = { limit: 3 };

export const collectionLimitCases = [
  collecting(
    'sorted-set',
    'beyond its limit the lowest go, also where they are new',
    async (subject) => {
      await subject.done(
        subject.add('a', [
          ['b', 2],
          ['d', 4],
        ]),
      );
      const [more] = await subject.done(
        subject.add('a', [
          ['c', 3],
          ['e', 5],
          ['d', 4],
        ]),
      );
      assert.deepEqual(more!.numbers, [2]);
      await subject.holds('a', [
        ['c', 3],
        ['d', 4],
        ['e', 5],
      ]);
      const [low] = await subject.done(subject.add('a', [['a', 1]]));
      assert.deepEqual(low!.numbers, [1]);
      await subject.holds('a', [
        ['c', 3],
        ['d', 4],
        ['e', 5],
      ]);
      await subject.done(
        subject.add('a', [
          ['e', 0],
          ['f', 4],
          ['0', 1],
        ]),
      );
      await subject.holds('a', [
        ['c', 3],
        ['d', 4],
        ['f', 4],
      ]);
      await subject.done(
        subject.add('a', [
          ['c', 0],
          ['g', 9],
          ['h', 9],
          ['i', 9],
          ['k', 9],
        ]),
      );
      await subject.agrees('a');
      assert.deepEqual(
        await subject.texts('a', { type: 'slice', min: 9, max: 9, offset: 0, limit: 9, reverse: false, size: false }),
        ['h', 'i', 'k'],
      );
    },
    three,
  ),
  collecting(
    'sorted-set',
    'of one score those go over the limit whose bytes come first',
    async (subject) => {
      await subject.done(subject.add('a', ['😀', '\uff5e', 'a', 'é', ' ']));
      await subject.holds('a', ['é', '\uff5e', '😀']);
    },
    three,
  ),
  collecting(
    'sorted-set',
    'an increment over the limit lets the lowest go, be it the member itself',
    async (subject) => {
      await subject.done(
        subject.put('a', [
          ['b', 2],
          ['c', 3],
          ['d', 4],
        ]),
      );
      await subject.done(subject.increment('a', 'b', 10));
      await subject.holds('a', [
        ['c', 3],
        ['d', 4],
        ['b', 12],
      ]);
      await subject.done(subject.increment('a', 'e', 5));
      await subject.holds('a', [
        ['d', 4],
        ['e', 5],
        ['b', 12],
      ]);
      const [answer] = await subject.done(subject.increment('a', 'f', 1));
      assert.deepEqual(answer!.numbers, [1]);
      await subject.holds('a', [
        ['d', 4],
        ['e', 5],
        ['b', 12],
      ]);
      await subject.done(subject.increment('a', 'd', MOST));
      await subject.agrees('a');
    },
    three,
  ),
  collecting(
    'geo-set',
    'beyond its limit the first go',
    async (subject) => {
      await subject.done(subject.add('a', ['d', 'b', 'a', 'c']));
      await subject.holds('a', ['b', 'c', 'd']);
      const [answer] = await subject.done(subject.add('a', ['0', 'z']));
      assert.deepEqual(answer!.numbers, [2]);
      await subject.holds('a', ['c', 'd', 'z']);
    },
    three,
  ),
  collecting(
    'list',
    'beyond its limit those at the other end go',
    async (subject) => {
      await subject.done(subject.push('a', 'last', ['a', 'b']));
      const [answer] = await subject.done(subject.push('a', 'last', ['c', 'd']));
      assert.deepEqual(answer!.numbers, [3]);
      await subject.holds('a', ['b', 'c', 'd']);
      await subject.done(subject.push('a', 'first', ['z']));
      await subject.holds('a', ['z', 'b', 'c']);
      await subject.done(subject.push('a', 'first', ['1', '2', '3', '4', '5']));
      await subject.holds('a', ['5', '4', '3']);
      await subject.done(subject.push('new', 'last', ['1', '2', '3', '4', '5']));
      await subject.holds('new', ['3', '4', '5']);
      await subject.done(subject.pop('a', 'first'));
      await subject.done(subject.push('a', 'last', ['x']));
      await subject.holds('a', ['4', '3', 'x']);
    },
    three,
  ),
];

export const collectionExpiryCases = [
  ...expiring('it ends when it is to, also after the store was opened again', async (subject, _, bench) => {
    const expiresAt = bench.now() + LONG;
    await subject.done(subject.put('put', ['a'], { expiresAt }));
    await subject.done(subject.insert('empty', [], expiresAt));
    await subject.done(growing(subject, 'grown', ['a'], expiresAt));
    await subject.done(subject.put('ever', ['a']));
    const check = async (from: typeof subject) => {
      for (const id of ['put', 'empty', 'grown', 'ever']) {
        await from.agrees(id);
        await from.ask(id, { type: 'size' });
      }
      const scanned = new Map<string, number | undefined>();
      for await (const { key, entry } of from.driver.scan(from.schema)) scanned.set(key.id, entry.expiresAt);
      assert.deepEqual(
        [...scanned],
        [
          ['empty', expiresAt],
          ['ever', undefined],
          ['grown', expiresAt],
          ['put', expiresAt],
        ],
      );
    };
    await check(subject);
    await check(await subject.reopen());
  }),
  ...expiring(
    'changes of members, patches and changes of the whole keep when it ends',
    async (subject, structure, bench) => {
      const expiresAt = bench.now() + LONG;
      for (const until of [expiresAt, undefined]) {
        const id = String(until);
        await subject.done(subject.put(id, ['a', 'b'], until === undefined ? {} : { expiresAt: until }));
        await subject.done(growing(subject, id, ['c'], expiresAt + 1000));
        await subject.done(shrinking(subject, id, 'c'));
        if (structure === 'sorted-set') await subject.done(subject.increment(id, 'a', 5, expiresAt + 1000));
        await subject.agrees(id);
        await subject.done(subject.patch(id, []));
        await subject.agrees(id);
        await subject.done(growing(subject, id, ['d'], expiresAt + 1000));
        await subject.agrees(id);
        await subject.done(shrinking(subject, id, 'd'));
        await subject.agrees(id);
        await subject.done(subject.modify(id, () => subject.members(['e'])));
        await subject.agrees(id);
        await subject.done(subject.put(id, ['f'], { expiresAt: expiresAt + 5 }));
        await subject.agrees(id);
        await subject.done(subject.put(id, ['g']));
        await subject.agrees(id);
      }
    },
  ),
  ...expiring(
    'one whose time has passed is absent, and its members never come back',
    async (subject, structure, bench) => {
      const ids = ['grown', 'put', 'emptied', 'removed', 'deleted', 'left'];
      for (const id of ids) await subject.done(subject.put(id, ['old', 'older'], { expiresAt: bench.now() + SHORT }));
      await subject.done(subject.put('empty', [], { expiresAt: bench.now() + SHORT }));
      await subject.done(subject.put('kept', ['x'], { expiresAt: bench.now() + LONG }));
      await bench.pass(SHORT + 1);
      for (const id of [...ids, 'empty']) {
        await subject.lacks(id);
        assert.equal(await subject.ask(id, { type: 'size' }), null);
      }
      assert.equal(await subject.driver.count(subject.schema), 1);
      const seen: string[] = [];
      for await (const { key } of subject.driver.scan(subject.schema)) seen.push(key.id);
      assert.deepEqual(seen, ['kept']);
      await subject.refused('missing', [subject.patch('left', ['x'])]);
      await subject.refused('missing', [subject.modify('left', () => assert.fail('must not be called'))]);
      await subject.done(subject.delete('deleted'));
      await subject.done(shrinking(subject, 'removed', 'old'));
      await subject.lacks('removed');
      await subject.done(growing(subject, 'grown', ['new']));
      await subject.holds('grown', ['new']);
      await subject.done(subject.insert('put', ['new']));
      await subject.holds('put', ['new']);
      await subject.done(subject.put('emptied', []));
      await subject.holds('emptied', []);
      await subject.done(growing(subject, 'empty', ['new'], bench.now() + LONG));
      await subject.holds('empty', ['new']);
      if (structure === 'sorted-set') {
        await subject.done(subject.increment('left', 'old', 5));
        await subject.holds('left', [['old', 5]]);
      }
      const again = await subject.reopen();
      for (const id of [...ids, 'empty', 'kept']) await again.agrees(id);
    },
  ),
  ...expiring('one that is put or made with a time that has passed does not exist', async (subject, _, bench) => {
    await subject.done(subject.put('a', ['old']));
    await subject.done(subject.put('a', ['new'], { expiresAt: bench.now() - 1000 }));
    await subject.lacks('a');
    await subject.done(growing(subject, 'b', ['new'], bench.now() - 1000));
    await subject.lacks('b');
    await subject.done(growing(subject, 'a', ['newer']));
    await subject.holds('a', ['newer']);
    assert.equal(await subject.driver.count(subject.schema), 1);
  }),
];
