import { type HotCase, hashCase, NEW } from './hot-steps.js';
import { ODD_IDS, sampleKey } from './sample-schema.js';

/** Cases about the values of a hash, and about keys. */
export const valueCases: readonly HotCase[] = [
  hashCase('every type of value comes back as it was', async (at, key) => {
    const values = {
      name: 'John',
      age: -42,
      score: 0.1,
      big: 9_223_372_036_854_775_807n,
      active: false,
      born: -1,
      data: Buffer.from([0, 1, 127, 128, 255]),
      tags: '{"a":[1,null,"\\u0000"]}',
      note: 'text',
    };
    await at.put(key, values);
    await at.isValue(key, values);
  }),
  hashCase('numbers come back to the last bit', async (at, key) => {
    for (const score of [0, 5e-324, 1.7976931348623157e308, 2 ** 53 + 2, -1 / 3, 1e21, 123456789.12345679]) {
      await at.put(key, { score });
      await at.isValue(key, { score });
    }
  }),
  hashCase('null, absent and the empty text are three things', async (at) => {
    for (const [id, values] of [
      ['null', { note: null }],
      ['absent', {}],
      ['empty', { note: '' }],
      ['nul', { note: '\0' }],
      ['nul and more', { note: '\0\0a' }],
    ] as const) {
      await at.put(sampleKey(id), values);
      await at.isValue(sampleKey(id), values);
    }
  }),
  hashCase('an entity without any value is not absent', async (at, key) => {
    await at.put(key, {});
    await at.isValue(key, {});
    await at.isCold(sampleKey('b'));
    await at.fill(sampleKey('b'), 'reader', {});
    await at.isValue(sampleKey('b'), {});
  }),
  hashCase('empty bytes are not null', async (at, key) => {
    await at.put(key, { data: Buffer.alloc(0) });
    await at.isValue(key, { data: Buffer.alloc(0) });
  }),
  hashCase('only the fields that are asked for are answered', async (at, key) => {
    await at.put(key, { name: 'John', age: 3, note: null });
    const index = (name: string) => at.schema.fields.findIndex((field) => field.name === name);
    await at.isValue(key, { age: 3, note: null }, [index('age'), index('note')]);
    await at.isValue(key, {}, [index('score')]);
    await at.isValue(key, {}, []);
    await at.isValue(key, { name: 'John', age: 3, note: null });
  }),
  hashCase('odd keys are exact', async (at) => {
    const keys = ODD_IDS.map((id) => sampleKey(id));
    for (const [index, key] of keys.entries()) await at.put(key, { age: index });
    for (const [index, key] of keys.entries()) await at.isValue(key, { age: index });
    await at.drop(sampleKey('*'));
    for (const [index, key] of keys.entries())
      if (ODD_IDS[index] !== '*') await at.isValue(key, { age: index });
      else await at.isCold(key);
  }),
  hashCase('keys of several parts do not collide', async (at) => {
    const keys = [
      sampleKey('a:b', 'c'),
      sampleKey('a', 'b:c'),
      sampleKey('a', 'b', 'c'),
      sampleKey('', ''),
      sampleKey(''),
    ];
    for (const [index, key] of keys.entries()) await at.put(key, { age: index });
    for (const [index, key] of keys.entries()) await at.isValue(key, { age: index });
  }),
  hashCase('a row of 1 MB comes back whole', async (at, key) => {
    const values = { name: 'é'.repeat(524_288), note: '"\\\n'.repeat(1000), data: Buffer.alloc(100_000, 7) };
    await at.put(key, values);
    await at.isValue(key, values);
    await at.begin(key, 'w');
    await at.isValue(key, values);
    await at.commit(key, 'w', NEW);
    await at.isValue(key, NEW);
  }),
  hashCase(
    'an entity of 9,000 fields comes back whole',
    async (at, key) => {
      const values = Object.fromEntries(at.schema.fields.map(({ name }, index) => [name, index]));
      await at.put(key, values);
      await at.isValue(key, values);
      await at.put(key, { f8999: 1 });
      await at.isValue(key, { f8999: 1 });
    },
    { fields: Object.fromEntries(Array.from({ length: 9000 }, (_, index) => [`f${index}`, 'integer'])) },
  ),
];
