import { strict as assert } from 'node:assert';
import { compareKeys } from '../../core/key-order.js';
import type { Plain } from '../../core/plain.js';
import type { KeyType } from '../../core/schema.js';
import { sampleKey, sampleSchema } from '../sample-schema.js';
import { assertInvalid, assertPlain, type Bench, type Subject, showId, testing } from './bench.js';

const byText = sampleSchema({ name: 'sample', fields: { name: 'string' } });

const TEXT_KEYS: readonly string[] = [
  '',
  ' ',
  '*',
  '?',
  '[a-z]',
  'a',
  'A',
  'a ',
  ' a',
  'a\t',
  'b',
  'a:b',
  'a%3Ab',
  'a::b',
  ':',
  '%',
  '%25',
  '%00',
  '{a}',
  '{',
  '}',
  '}{',
  'not-found:x',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'toString',
  '.',
  '..',
  '../..',
  '/etc/passwd',
  'C:\\x',
  'con',
  'nul.json',
  'a/b',
  'a\\b',
  'a.json',
  "it's",
  '"quoted"',
  '; drop table sample; --',
  '_',
  'a_b',
  'aXb',
  '\u00e9',
  'e\u0301',
  '\u00c9',
  'e',
  '\u00df',
  'ss',
  '\u0131',
  'i',
  'I',
  '\u0130',
  '\uff41',
  '😀',
  '😁',
  '\u{1d4b3}',
  '\uffff',
  '\u{10000}',
  '0',
  '00',
  '-0',
  '1',
  '01',
  '1.0',
  '1e3',
  '1000',
];

const EDGES: Readonly<Record<KeyType, readonly Exclude<Plain, null>[]>> = {
  string: ['', 'a', 'a:b', 'é'],
  number: [-Number.MAX_VALUE, -1.5, 0, 5e-324, 0.1, 0.1 + 0.2, 0.3, 1, 1e21, Number.MAX_VALUE],
  integer: [Number.MIN_SAFE_INTEGER, -1, 0, 1, 2, 10, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER],
  bigint: [-(2n ** 63n), -1n, 0n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 2n, 2n ** 63n - 1n],
  date: [
    Date.parse('0001-01-01T00:00:00.000Z'),
    -1,
    0,
    1,
    Date.parse('2024-03-31T01:30:00.122Z'),
    Date.parse('2024-03-31T01:30:00.123Z'),
    Date.parse('9999-12-31T23:59:59.999Z'),
  ],
};

/** Writes an entry under each key, and insists that each is its own, in reads, scans, and after a restart. */
async function keepsApart(
  bench: Bench,
  schema: ReturnType<typeof sampleSchema>,
  keys: ReturnType<typeof sampleKey>[],
): Promise<void> {
  const check = async (subject: Subject) => {
    const entries = await subject.driver.read(schema, keys, undefined);
    for (const [at, key] of keys.entries()) {
      assert.ok(entries[at], `${showId(key)} is not there`);
      assertPlain((entries[at].value as readonly Plain[])[0], `value ${at}`, showId(key));
    }
    const scanned = await subject.scan();
    const expected = [...keys].sort(compareKeys);
    assert.deepEqual(
      scanned.map(({ key }) => key.id),
      expected.map(({ id }) => id),
      'a scan gives the keys in their order',
    );
    for (const [at, { key }] of scanned.entries())
      for (const [part, plain] of key.parts.entries())
        assertPlain(plain, expected[at]!.parts[part], `part ${part} of ${showId(key)}`);
  };
  const before = await bench.open(schema);
  for (const [at, key] of keys.entries()) await before.done(before.insert(key, { name: `value ${at}` }));
  assert.equal(await before.count(), keys.length);
  await check(before);
  await check(await bench.reopen(schema));
}

/** The longest text key of one part that a store takes, and one that it does not; `undefined` where it takes any. */
function limitsOf(
  { driver }: Subject,
  character: string,
): { readonly longest: string; readonly tooLong: string } | undefined {
  const { keyPartLength = Number.POSITIVE_INFINITY, keyBytes = Number.POSITIVE_INFINITY } = driver.capabilities;
  const most = Math.min(keyPartLength, Math.floor(keyBytes / Buffer.byteLength(character)));
  if (!Number.isFinite(most)) return undefined;
  return { longest: character.repeat(most), tooLong: character.repeat(most + 1) };
}

export const keyCases = [
  testing('text keys are exact, however odd', async (bench) => {
    await keepsApart(
      bench,
      byText,
      TEXT_KEYS.map((text) => sampleKey(text)),
    );
  }),
  testing('keys that look alike are not taken for each other', async (bench) => {
    const subject = await bench.open(byText);
    const pairs: readonly (readonly [string, string])[] = [
      ['a', 'A'],
      ['a', 'a '],
      ['a', ' a'],
      ['\u00e9', 'e\u0301'],
      ['\u00df', 'ss'],
      ['😀', '😁'],
      ['', ' '],
      ['1', '01'],
      ['a', 'a\u200b'],
      ['\uff41', 'a'],
    ];
    for (const [there, other] of pairs) {
      await subject.done(subject.put(there, { name: there }));
      await subject.done(subject.delete(other));
      await subject.lacks(other);
      await subject.refused('missing', [subject.patch(other, { name: 'x' })]);
      await subject.holds(there, { name: there });
      await subject.done(subject.delete(there));
    }
  }),
  ...(Object.keys(EDGES) as KeyType[]).map((type) =>
    testing(`keys of type ${type} are exact, and in their order`, async (bench) => {
      const schema = sampleSchema({ name: 'sample', keys: { at: type }, fields: { name: 'string' } });
      await keepsApart(
        bench,
        schema,
        EDGES[type].map((part) => sampleKey(part)),
      );
    }),
  ),
  testing('keys of several parts, of all types, are exact and in their order', async (bench) => {
    const types = Object.keys(EDGES) as KeyType[];
    const schema = sampleSchema({
      name: 'sample',
      keys: Object.fromEntries(types.map((type) => [`${type}Part`, type])),
      fields: { name: 'string' },
    });
    const middle = types.map((type) => EDGES[type][2]!);
    const keys = types.flatMap((type, part) =>
      EDGES[type].filter((plain) => plain !== middle[part]).map((plain) => sampleKey(...middle.with(part, plain))),
    );
    await keepsApart(bench, schema, [sampleKey(...middle), ...keys]);
  }),
  testing('parts of a key do not run into one another', async (bench) => {
    const schema = sampleSchema({ name: 'sample', keys: { a: 'string', b: 'string' }, fields: { name: 'string' } });
    const parts: readonly (readonly [string, string])[] = [
      ['', ''],
      ['', ':'],
      [':', ''],
      ['a', 'b:c'],
      ['a:b', 'c'],
      ['a', ''],
      ['', 'a'],
      ['a%3Ab', 'c'],
      ['a', 'b%3Ac'],
      ['%', ''],
      ['', '%'],
    ];
    await keepsApart(
      bench,
      schema,
      parts.map(([a, b]) => sampleKey(a, b)),
    );
  }),
  testing('entities whose names begin alike do not see each other', async (bench) => {
    const item = sampleSchema({ name: 'item', fields: { name: 'string' } });
    const tag = sampleSchema({ name: 'item_tag', keys: { item: 'string', id: 'string' }, fields: { name: 'string' } });
    const items = await bench.open(item, tag);
    const tags = items.of(tag);
    await items.done(items.put('tag:a', { name: 'an item' }));
    await items.done(items.put('a', { name: 'another' }));
    await tags.done(tags.put(sampleKey('a', 'b'), { name: 'a tag' }));
    assert.deepEqual([await items.count(), await tags.count()], [2, 1]);
    assert.deepEqual(
      (await items.scan()).map(({ key }) => key.parts),
      [['a'], ['tag:a']],
    );
    assert.deepEqual(
      (await tags.scan()).map(({ key }) => key.parts),
      [['a', 'b']],
    );
    await items.done(items.delete('a'));
    await tags.holds(sampleKey('a', 'b'), { name: 'a tag' });
  }),
  testing(
    'text keys up to the declared limits are exact, and longer ones refused as invalid with nothing written',
    async (bench) => {
      const subject = await bench.open(byText);
      for (const character of ['x', 'é', '€']) {
        const limits = limitsOf(subject, character);
        const longest = limits?.longest ?? character.repeat(10_000);
        const sibling = `${longest.slice(0, -1)}y`;
        await subject.done(subject.put(longest, { name: 'longest' }));
        await subject.done(subject.put(sibling, { name: 'sibling' }));
        await subject.holds(longest, { name: 'longest' });
        await subject.holds(sibling, { name: 'sibling' });
        if (limits) {
          const before = await subject.count();
          await assertInvalid(subject.write(subject.put(limits.tooLong, { name: 'x' })), 'a key that is too long');
          assert.equal(await subject.count(), before, 'nothing was written');
          await subject.holds(longest, { name: 'longest' });
        }
        await subject.done(subject.delete(longest));
        await subject.lacks(longest);
      }
    },
  ),
  testing('one key that is too long keeps a whole write from being made', async (bench) => {
    const subject = await bench.open(byText);
    const limits = limitsOf(subject, 'x');
    if (limits === undefined) {
      await subject.done(subject.put('x'.repeat(100_000), { name: 'long' }));
      await subject.holds('x'.repeat(100_000), { name: 'long' });
      return;
    }
    await assertInvalid(subject.write(subject.put('a', {}), subject.put(limits.tooLong, {})), 'a key that is too long');
    await subject.lacks('a');
  }),
  testing(
    'the character U+0000 in a key is exact, or refused as invalid where the driver declares that it cannot keep it',
    async (bench) => {
      const subject = await bench.open(byText);
      await subject.done(subject.put('a', { name: 'a' }));
      for (const text of ['\0', 'a\0', 'a\0b', '\0a']) {
        if (subject.driver.capabilities.nul) {
          await subject.done(subject.insert(text, { name: text }));
          await subject.holds(text, { name: text });
        } else await assertInvalid(subject.write(subject.put(text, { name: 'x' })), `the key ${JSON.stringify(text)}`);
      }
      await subject.holds('a', { name: 'a' });
    },
  ),
];
