import { codecs, type FieldTypeName } from '../../core/codecs.js';
import type { Plain } from '../../core/plain.js';
import { sampleRow, sampleSchema } from '../sample-schema.js';
import { assertInvalid, type Bench, type Subject, testing } from './bench.js';

const MEGABYTE = 2 ** 20;

const TEXTS: readonly string[] = [
  '',
  ' ',
  'a ',
  ' a',
  'A',
  'null',
  'undefined',
  '0',
  '~',
  `it's "quoted" \`back\` \\ %_ ; -- \${x} {{y}} ? $1 :name`,
  '\n\r\t\u0001\u001f\u007f\u0080',
  '\u00e9',
  'e\u0301',
  '\u00df \u0130 \u0131 \u017f',
  '\ufeffbom',
  '\u2028\u2029\u200b\u200d',
  '\u202eright to left',
  '\uffff',
  '😀 👩‍👩‍👧 𝒳 \u{10ffff}',
];

/** Edge values of each field type; each comes back exactly. */
const EDGES: Readonly<Record<FieldTypeName, readonly Exclude<Plain, null>[]>> = {
  string: TEXTS,
  text: [...TEXTS, 'x'.repeat(MEGABYTE), 'é😀'.repeat(100_000)],
  number: [
    0,
    -1,
    0.1,
    -0.1,
    1 / 3,
    0.1 + 0.2,
    123456789.12345678,
    1e21,
    1e-7,
    Number.EPSILON,
    5e-324,
    2.2250738585072014e-308,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    2 ** 53 - 1,
    2 ** 63,
  ],
  integer: [0, 1, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  bigint: [0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), -(2n ** 63n) + 1n],
  boolean: [true, false],
  date: [
    0,
    1,
    -1,
    Date.parse('0001-01-01T00:00:00.000Z'),
    Date.parse('0099-12-31T23:59:59.999Z'),
    Date.parse('1582-10-10T12:00:00.001Z'),
    Date.parse('1970-01-01T00:00:00.999Z'),
    Date.parse('2000-02-29T23:59:59.999Z'),
    Date.parse('2024-03-31T01:30:00.123Z'),
    Date.parse('2038-01-19T03:14:08.001Z'),
    Date.parse('9999-12-31T23:59:59.999Z'),
  ],
  bytes: [
    new Uint8Array(0),
    new Uint8Array([0]),
    new Uint8Array([0xff, 0xfe, 0]),
    Uint8Array.from({ length: 256 }, (_, byte) => byte),
    Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7) % 256),
  ],
  json: [
    '{}',
    '[]',
    '""',
    '0',
    '-1.5',
    '1e+300',
    'true',
    'false',
    '[null]',
    '{"b":1,"a":2,"":3}',
    '{"__proto__":{"polluted":true},"constructor":1,"toString":null}',
    '{"text":"é😀\\n\\"quoted\\"","nested":[[{"deep":[1,2,3]}]]}',
    JSON.stringify({ control: '\u0000\u0001' }),
    JSON.stringify('x'.repeat(200_000)),
  ],
};

const TYPES = Object.keys(EDGES) as FieldTypeName[];

const every = sampleSchema({
  name: 'sample',
  fields: Object.fromEntries(TYPES.map((type) => [type, { type, nullable: true }])),
});
const required = sampleSchema({ name: 'sample', fields: Object.fromEntries(TYPES.map((type) => [type, type])) });

// Codecs of the stores run on the real ones: what they would refuse is not a value.
const ofType = (type: FieldTypeName) => EDGES[type].filter((plain) => codecs[type].decode(plain) !== undefined);

async function keepsEdges(bench: Bench, type: FieldTypeName): Promise<void> {
  const before = await bench.open(every);
  const edges = ofType(type);
  for (const [at, plain] of edges.entries()) {
    const write = before.put(`${type}-${at}`, { [type]: plain });
    if (isTooLarge(before, plain)) {
      await assertInvalid(before.write(write), 'an entry that is too large');
      await before.lacks(`${type}-${at}`);
      continue;
    }
    await before.done(write);
    await before.holds(`${type}-${at}`, { [type]: plain });
  }
  const after = await bench.reopen(every);
  for (const [at, plain] of edges.entries())
    if (!isTooLarge(after, plain)) await after.holds(`${type}-${at}`, { [type]: plain });
}

/** Whether a value alone is more than the driver declares that an entry may have. */
function isTooLarge({ driver }: Subject, plain: Plain): boolean {
  const { entryBytes = Number.POSITIVE_INFINITY } = driver.capabilities;
  return typeof plain === 'string' && Buffer.byteLength(plain) > entryBytes;
}

async function keepsEdgesOfPatches(bench: Bench, type: FieldTypeName): Promise<void> {
  const subject = await bench.open(every);
  await subject.done(subject.put('one', {}));
  let last: Exclude<Plain, null> | undefined;
  for (const plain of ofType(type)) {
    if (isTooLarge(subject, plain)) {
      await assertInvalid(subject.write(subject.patch('one', { [type]: plain })), 'an entry that gets too large');
      await subject.holds('one', last === undefined ? {} : { [type]: last });
      continue;
    }
    last = plain;
    const [outcome] = await subject.done(subject.patch('one', { [type]: plain }));
    await subject.holds('one', { [type]: plain });
    await subject.done(subject.change('two', { type: 'put', row: outcome!.entry!.value as never }));
    await subject.holds('two', { [type]: plain });
  }
}

const ONE_OF_EACH: Readonly<Record<FieldTypeName, Exclude<Plain, null>>> = {
  string: 'a',
  text: 'b',
  number: 0.5,
  integer: 7,
  bigint: 2n ** 60n,
  boolean: true,
  date: 86_400_000,
  bytes: new Uint8Array([1, 2]),
  json: '{"a":[1]}',
};

export const valueCases = [
  ...TYPES.map((type) =>
    testing(`keeps every edge value of type ${type} exactly, also when closed and opened again`, (bench) =>
      keepsEdges(bench, type),
    ),
  ),
  ...TYPES.map((type) =>
    testing(`keeps every edge value of type ${type} exactly when it is patched in`, (bench) =>
      keepsEdgesOfPatches(bench, type),
    ),
  ),
  testing('keeps values of all types in one entry', async (bench) => {
    const subject = await bench.open(required);
    const [outcome] = await subject.done(subject.put('one', ONE_OF_EACH));
    await subject.holds('one', ONE_OF_EACH);
    await subject.done(subject.change('two', { type: 'put', row: outcome!.entry!.value as never }));
    await subject.holds('two', ONE_OF_EACH);
  }),
  testing('tells null, absent and a value apart in nullable fields of every type', async (bench) => {
    const before = await bench.open(every);
    const check = async (subject: typeof before) => {
      for (const type of TYPES) {
        await subject.holds(`${type}-null`, { [type]: null });
        await subject.holds(`${type}-value`, { [type]: ONE_OF_EACH[type] });
      }
      await subject.holds('absent', {});
      await subject.holds('empty', {
        string: '',
        text: '',
        json: '""',
        bytes: new Uint8Array(0),
        integer: 0,
        boolean: false,
      });
      await subject.holds('nulls', Object.fromEntries(TYPES.map((type) => [type, null])));
    };
    for (const type of TYPES) {
      await before.done(before.put(`${type}-null`, { [type]: null }));
      await before.done(before.put(`${type}-value`, { [type]: ONE_OF_EACH[type] }));
    }
    await before.done(before.put('absent', {}));
    await before.done(
      before.put('empty', { string: '', text: '', json: '""', bytes: new Uint8Array(0), integer: 0, boolean: false }),
    );
    await before.done(before.put('nulls', Object.fromEntries(TYPES.map((type) => [type, null]))));
    await check(before);
    await check(await bench.reopen(every));
  }),
  testing('tells absent from empty in fields that are not nullable', async (bench) => {
    const subject = await bench.open(required);
    await subject.done(subject.put('absent', {}));
    await subject.done(subject.put('empty', { string: '', text: '' }));
    await subject.holds('absent', {});
    await subject.holds('empty', { string: '', text: '' });
  }),
  testing('keeps an entry whose fields are all absent', async (bench) => {
    const subject = await bench.open(every);
    await subject.done(subject.put('bare', {}));
    await subject.holds('bare', {});
    const [part] = await subject.driver.read(every, [subject.change('bare', { type: 'delete' }).key], [0]);
    if (!part) throw new Error('an entry without the field asked for is an entry still');
    if ((await subject.count()) !== 1 || (await subject.scan()).length !== 1)
      throw new Error('it is counted and scanned');
  }),
  testing('keeps names of fields exactly, whatever they mean to the store', async (bench) => {
    const names = [
      'order',
      'group',
      'select',
      'user',
      'primary',
      'constructor',
      'toString',
      'createdAt',
      'table',
      'index',
    ];
    const schema = sampleSchema({ name: 'sample', fields: Object.fromEntries(names.map((name) => [name, 'string'])) });
    const subject = await bench.open(schema);
    const values = Object.fromEntries(names.map((name) => [name, `the ${name}`]));
    await subject.done(subject.put('one', values));
    await subject.done(subject.put('two', {}));
    await subject.done(subject.patch('two', { constructor: 'patched', order: 'first' }));
    await subject.holds('one', values);
    await subject.holds('two', { constructor: 'patched', order: 'first' });
  }),
  testing(
    'keeps the character U+0000 in text exactly, or refuses it as invalid where it declares that it cannot',
    async (bench) => {
      const subject = await bench.open(every);
      for (const [at, text] of ['\0', 'a\0b', '\0\0', '\0a'].entries()) {
        const write = subject.put(`nul-${at}`, { string: text, text });
        if (subject.driver.capabilities.nul) {
          await subject.done(write);
          await subject.holds(`nul-${at}`, { string: text, text });
          continue;
        }
        await assertInvalid(subject.write(write), `the text ${JSON.stringify(text)}`);
        await subject.lacks(`nul-${at}`);
        await subject.done(subject.put('one', { text: 'before' }));
        await assertInvalid(subject.write(subject.patch('one', { text })), `a patch with ${JSON.stringify(text)}`);
        const row = sampleRow(every, { text });
        await assertInvalid(subject.write(subject.modify('one', () => row)), `a change to ${JSON.stringify(text)}`);
        await subject.holds('one', { text: 'before' });
      }
    },
  ),
];
