import { describe, expect, test } from '@jest/globals';
import { CorruptEntryError, ValidationError } from 'holdfast';
import { registeredClasses, type StoredClass } from '../../src/values/classes.js';
import { valueCodec } from '../../src/values/codec.js';
import { difference } from './same.js';

class Money {
  constructor(
    readonly amount: number,
    readonly currency: string,
  ) {}
  get shown() {
    return `${this.amount} ${this.currency}`;
  }
}
class Secret {
  #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  get text() {
    return this.#text;
  }
}
class Refusal extends Error {
  readonly code = 'NO';
}

const codecOf = (classes: Parameters<typeof registeredClasses>[0] = [], maxBytes = 100_000) =>
  valueCodec({ classes: registeredClasses(classes), maxBytes });
const plain = codecOf();
const subject = () => "The value 'k' of user '1'";
const roundTrip = (value: unknown, codec = plain) => codec.decode(codec.encode(value, subject), () => '1:k');
const failure = (run: () => unknown): Error => {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not throw.');
};

const shared = { a: 1 };
const cycle: Record<string, unknown> = { list: [1] };
cycle.self = cycle;
(cycle.list as unknown[]).push(cycle);
const map = new Map<unknown, unknown>([[{ key: 1 }, new Set([shared])]]);
map.set('map', map);
const failed: Error & { code?: string; self?: unknown } = new TypeError('no', { cause: new RangeError('deeper') });
failed.code = 'E_NO';
failed.self = { error: failed };
const proto = JSON.parse('{"__proto__": {"polluted": true}, "b": 2}') as Record<string, unknown>;
proto.self = proto;
const bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
const nameless: Error = new Error('nameless');
delete nameless.stack;

describe('a value comes back as it was', () => {
  test.each<[string, unknown]>([
    ['a text', 'monkey'],
    ['a number', 46887],
    ['null', null],
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['-0', -0],
    ['infinities', [Infinity, -Infinity, { a: Infinity }]],
    ['a bigint', 123456789012345678901234567890n],
    ['a date', new Date('2020-02-29T12:34:56.789Z')],
    ['a date that is none', new Date(Number.NaN)],
    ['a regular expression', /a\/[b-z]+"/giu],
    ['a map', map],
    ['a set', new Set([1, 'a', Number.NaN, -0, undefined])],
    ['undefined in an object', { a: undefined, b: 1 }],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 })],
    ['typed arrays', [new Float64Array([1, -0, Number.NaN]), new BigInt64Array([-1n]), new Uint8ClampedArray([255])]],
    ['views of one buffer', [bytes, bytes.subarray(2, 5), new DataView(bytes.buffer, 4), bytes.buffer]],
    ['a Buffer', [Buffer.from('hello'), Buffer.alloc(0)]],
    ['an error', failed],
    ['an error of several', new AggregateError([new Error('one')], 'all')],
    ['an error without a stack', nameless],
    ['an array with holes', Object.assign([1], { 2: 3, length: 5 })],
    ['a long array of holes', Object.assign([], { 100000: 1 })],
    ['an array with properties', Object.assign(['a'], { 2: 'c', length: 3, index: 5, input: 'abc' })],
    ['the answer of a search', /(?<first>b)/.exec('abc')],
    ['cycles', cycle],
    ['shared references', [shared, shared, { again: shared }]],
    ['__proto__ as an own key', proto],
    ['__proto__ as an own key, else plain', JSON.parse('{"__proto__": {"polluted": true}}')],
    [
      '__proto__ without a prototype',
      Object.defineProperty(Object.create(null) as object, '__proto__', {
        value: 1n,
        enumerable: true,
        writable: true,
        configurable: true,
      }),
    ],
    ['lone surrogates', ['\ud800', { '\udfff': '\udc00x' }]],
    ['keys that begin with U+0000', { '\0__proto__': 1n, '\0': 2, '\0\0': 3, __proto: 4 }],
    ['U+0000 and line separators', '\0\u2028\u2029</script>'],
    ['boxed values', [Object(1), Object('a'), Object(true), Object(1n)]],
    ['a URL', [new URL('https://example.com/?a=1'), new URLSearchParams('a=1&a=2')]],
    ['keys like those of the form', { format: 'rich1', 0: 'zero', constructor: 1, toJSON: 'text' }],
    ['texts like those of the form', ['class Money', ['Buffer', 1], -7, ['Date', 'x']]],
  ])('%s', (_, value) => {
    expect(difference(roundTrip(value), value)).toBeUndefined();
  });

  test('instances of registered classes, also within themselves and each other', () => {
    const money: Money & { self?: unknown } = new Money(5, 'EUR');
    money.self = { money, other: new Money(-0, 'USD') };
    const codec = codecOf([Money]);
    const back = roundTrip(money, codec) as Money;
    expect(difference(back, money)).toBeUndefined();
    expect(back.shown).toBe('5 EUR');
  });

  test('errors of registered classes', () => {
    const back = roundTrip(new Refusal('no', { cause: 1n }), codecOf([Refusal])) as Refusal;
    expect([back instanceof Refusal, back.message, back.code, back.cause]).toEqual([true, 'no', 'NO', 1n]);
  });

  test('instances that their classes encode, within each other and in what shares them', () => {
    class Node {
      constructor(readonly items: unknown[]) {}
    }
    const node = { class: Node, encode: ({ items }: Node) => items, decode: (items: unknown[]) => new Node(items) };
    const leaf = new Node([1n]);
    const shared = { leaf };
    const value = { first: new Node([leaf, shared]), shared, again: leaf };
    expect(difference(roundTrip(value, codecOf([node as never])), value)).toBeUndefined();
  });

  test('instances with hidden state, by what their class makes of them', () => {
    const secret: StoredClass<Secret> = {
      class: Secret,
      name: 'secret/1',
      encode: ({ text }) => ({ text, at: new Date(0) }),
      decode: ({ text }: { text: string }) => new Secret(text),
    };
    const [first, second] = roundTrip([new Secret('a'), new Secret('b')], codecOf([secret as never])) as Secret[];
    expect([first?.text, second?.text]).toEqual(['a', 'b']);
  });
});

test('a value that is nested deeper than calls can be comes back', () => {
  let deep: unknown = 1;
  for (let at = 0; at < 100_000; at++) deep = at % 2 ? [deep] : { deep };
  const codec = codecOf([], 1e9);
  const { text } = codec.encode(deep, subject);
  expect(codec.encode(codec.decode({ text, format: 'rich1' }, subject), subject).text).toBe(text);
  expect(failure(() => codec.encode({ deep, f: () => {} }, subject)).message).toContain('value.f is a function');
});

test('what JSON gives back exactly is stored as JSON, all else as JSON that tells what it is', () => {
  expect(plain.encode({ a: [1, 'b', null] }, subject)).toEqual({ text: '{"a":[1,"b",null]}', format: 'json1' });
  expect(plain.encode(new Date(0), subject)).toEqual({
    text: '[["Date","1970-01-01T00:00:00.000Z"]]',
    format: 'rich1',
  });
  expect(plain.encode([shared, shared], subject).format).toBe('rich1');
});

test('of a view of Node’s pool of buffers only what can be seen through it is stored', () => {
  const pooled = Buffer.from('in the pool');
  const view = new Uint8Array(pooled.buffer, pooled.byteOffset, pooled.byteLength);
  const { text } = plain.encode(view, subject);
  expect(text.length).toBeLessThan(100);
  expect([...(roundTrip(view) as Uint8Array)]).toEqual([...view]);
});

describe('what cannot be stored is a ValidationError that names the path', () => {
  const f = () => {};
  test.each<[unknown, string]>([
    [f, 'value is a function'],
    [{ a: [1, { 'b c': f }] }, 'value.a[1]["b c"] is a function'],
    [Object.fromEntries([['then', f]]), 'value.then is a function'],
    [{ toJSON: f }, 'value.toJSON is a function'],
    [new Map([['m', { f }]]), 'value.get("m").f is a function'],
    [new Set([Symbol('s')]), 'value.values()[0] is a symbol'],
    [Object.assign(new Error('e'), { f }), 'value.f is a function'],
    [{ a: new Money(1, 'EUR') }, 'value.a is an instance of Money, which is not registered'],
    [[new Refusal('r')], 'value[0] is an instance of Refusal'],
    [new (class List extends Array {})(), 'value is an instance of List'],
    [{ a: new (class extends Map {})() }, 'value.a is an instance of a class without a name'],
    [Object.create({ inherited: 1 }), 'value is an instance of Object'],
    [{ a: { [Symbol('s')]: 1 } }, 'value.a has a symbol as a key'],
    [{ a: Promise.resolve(1) }, 'value.a is a promise'],
    [new WeakMap(), 'value is an instance of WeakMap'],
    [new SharedArrayBuffer(1), 'value is an instance of SharedArrayBuffer'],
    [Object(Symbol('s')), 'value is an instance of Symbol'],
  ])('%#', (value, text) => {
    const error = failure(() => plain.encode(value, subject));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.message).toContain(`The value 'k' of user '1' cannot be stored: ${text}`);
  });

  test('inside instances of registered classes', () => {
    const money = Object.assign(new Money(1, 'EUR'), { tags: [f] });
    expect(failure(() => codecOf([Money]).encode({ money }, subject)).message).toContain(
      'value.money.tags[0] is a function',
    );
  });

  test('an instance whose own encoding leads back to it', () => {
    const owner: { secret?: Secret } = {};
    const loop = { class: Secret, encode: () => owner, decode: () => new Secret('') };
    owner.secret = new Secret('a');
    expect(failure(() => codecOf([loop as never]).encode(owner.secret, subject))).toBeInstanceOf(ValidationError);
  });
});

test('a value that is larger than allowed is refused with both sizes', () => {
  const codec = codecOf([], 100);
  expect(roundTrip('x'.repeat(98), codec)).toHaveLength(98);
  const error = failure(() => codec.encode('é'.repeat(50), subject));
  expect(error).toBeInstanceOf(ValidationError);
  expect(error.message).toContain('takes 102 bytes when stored, but at most 100 are allowed');
});

describe('the classes that are registered', () => {
  test.each<[unknown, string]>([
    [Money, 'must be an array of classes'],
    [[() => 1], 'takes classes'],
    [[{ name: 'Money' }], 'takes classes'],
    [[class {}], 'holds a class without a name'],
    [[Money, { class: Refusal, name: 'Money' }], 'has two entries for "Money"'],
    [[{ class: Money, encode: () => 1 }], 'only one of encode and decode'],
    [[class Dates extends Date {}], 'extends Date'],
  ])('%# is refused', (classes, text) => {
    const error = failure(() => registeredClasses(classes as never));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error.message).toContain(text);
  });
});

describe('stored text is not trusted', () => {
  const read = (text: string, format = 'rich1', codec = codecOf([Money])) =>
    codec.decode({ text, format }, () => '1:k');

  test.each([
    ['no JSON', '{', 'json1'],
    ['no JSON, rich', '[', 'rich1'],
    ['an unknown format', '1', 'json2'],
    ['no list', '{"a":1}', 'rich1'],
    ['an empty list', '[]', 'rich1'],
    ['an unknown tag', '[["Function",1],"alert(1)"]', 'rich1'],
    ['a class that is not registered', '[["class Process",1],{}]', 'rich1'],
    ['a name of Object.prototype as a tag', '[["constructor",1],"x"]', 'rich1'],
    ['an index that is none', '[[99]]', 'rich1'],
    ['a typed array of a number', '[["Uint8Array",1],1000000000]', 'rich1'],
    ['an endless tag', '[["Error",0]]', 'rich1'],
    ['an error without parts', '[["Error",1],5]', 'rich1'],
    ['an error of another class', '[["Error",1],[2,3,4],"Function",[],{}]', 'rich1'],
    ['a boxed object', '[["Object",1],{}]', 'rich1'],
    ['a boxed value of itself', '[["Object",0]]', 'rich1'],
    ['a bigint of another text', '[["BigInt","0x10"]]', 'rich1'],
    ['a place beyond the length', '[[-7,5,5,1],1]', 'rich1'],
    ['a Buffer of a number', '[["Buffer",1],[2],1000000000]', 'rich1'],
    ['an array of no length', '[["Array",-1]]', 'rich1'],
    ['an array with length as a key', '[["Array",1,"length",1],5]', 'rich1'],
    ['an instance of an array', '[["class Money",1],[2],3]', 'rich1'],
    ['a date that is no text', '[["Date",{"a":1}]]'.replace('{"a":1}', '[1]'), 'rich2'],
  ])('%s is a CorruptEntryError that names the key', (_, text, format) => {
    const error = failure(() => read(text, format));
    expect(error).toBeInstanceOf(CorruptEntryError);
    expect(error.message).toContain('1:k');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('own keys named __proto__ stay keys, and setters and constructors of registered classes do not run', () => {
    let ran = 0;
    class Loud {
      constructor() {
        ran++;
      }
      set amount(_: number) {
        ran++;
      }
    }
    const loud = read('[["class Loud","amount",1],5]', 'rich1', codecOf([Loud])) as Loud;
    expect(Object.getOwnPropertyDescriptor(loud, 'amount')?.value).toBe(5);
    const odd = read('[{"__proto__":1},{"polluted":2},true]') as object;
    expect(Object.getPrototypeOf(odd)).toBe(Object.prototype);
    expect([ran, ({} as Record<string, unknown>).polluted]).toEqual([0, undefined]);
  });

  test('a text that is too long is refused before it is read', () => {
    expect(failure(() => read(`"${'x'.repeat(200)}"`, 'json1', codecOf([], 100))).message).toContain('at most 100');
  });

  test('what many instances share is gone through once', () => {
    const secret = { class: Secret, encode: () => '', decode: (given: unknown[]) => new Secret(String(given.length)) };
    const many = 50_000;
    const instances = Array.from({ length: many }, (_, at) => at + 1);
    const parts = instances.map(() => ['class Secret', many + 1]);
    const shared = Array.from({ length: many }, () => many + 2);
    const start = performance.now();
    const back = read(
      JSON.stringify([instances, ...parts, shared, 1]),
      'rich1',
      codecOf([secret as never], 5e6),
    ) as Secret[];
    expect(back.at(-1)?.text).toBe(String(many));
    // Gone through for each of them it would take minutes.
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test('a length without elements takes no memory', () => {
    const before = process.memoryUsage().heapUsed;
    expect(read('[["Array",50000000]]')).toHaveLength(50_000_000);
    expect(read('[[-7,50000000,5,1],"x"]')).toHaveLength(50_000_000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50_000_000);
  });
});
