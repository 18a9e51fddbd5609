import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { registeredClasses } from '../../src/values/classes.js';
import { valueCodec } from '../../src/values/codec.js';
import { difference } from './same.js';

class Point {
  x: unknown;
  y: unknown;
}

const codec = valueCodec({ classes: registeredClasses([Point]), maxBytes: 10_000_000 });
const back = (value: unknown) =>
  codec.decode(
    codec.encode(value, () => 'value'),
    () => 'key',
  );

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('__proto__', '\ud800', '\udc00a', ''),
);
const leaf = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(undefined, null, -0, Number.NaN, Number.POSITIVE_INFINITY),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  fc.float64Array({ maxLength: 5 }).map((numbers) => Float64Array.from(numbers)),
  fc.constantFrom(/a+/g, /[/\]]/u).map((pattern) => new RegExp(pattern)),
);

/** One node of a graph: its leaves, and which other nodes it holds, by their numbers. */
const node = fc.record({
  kind: fc.constantFrom('object', 'bare', 'array', 'map', 'set', 'error', 'point', 'properties'),
  leaves: fc.array(fc.tuple(text, leaf), { maxLength: 4 }),
  edges: fc.array(fc.tuple(text, fc.nat({ max: 9 })), { maxLength: 3 }),
});
type Node = typeof node extends fc.Arbitrary<infer T> ? T : never;

const define = (target: object, key: string, value: unknown) =>
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });

const shells: Record<string, () => object> = {
  object: () => ({}),
  bare: () => Object.create(null) as object,
  array: () => [],
  map: () => new Map(),
  set: () => new Set(),
  error: () => new RangeError('no'),
  point: () => new Point(),
  properties: () => ['first'],
};

/** Nodes that hold each other: with cycles, and parts that several share. */
function graphOf(nodes: readonly Node[]): unknown {
  const made = nodes.map(({ kind }) => shells[kind]!());
  for (const [at, { kind, leaves, edges }] of nodes.entries()) {
    const target = made[at]!;
    const all = [...leaves, ...edges.map(([key, to]) => [key, made[to % made.length]] as const)];
    for (const [index, [key, value]] of all.entries())
      if (kind === 'array') (target as unknown[])[index * 2] = value;
      else if (kind === 'map') (target as Map<unknown, unknown>).set(index % 2 ? value : key, value);
      else if (kind === 'set') (target as Set<unknown>).add(value);
      else if (kind !== 'properties' || key !== 'length') define(target, key, value);
  }
  return made[0];
}

test('any graph of values comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(node, { minLength: 1, maxLength: 10 }), (nodes) => {
      const value = graphOf(nodes);
      const found = difference(back(value), value);
      if (found !== undefined) throw new Error(found);
    }),
    { numRuns: 1000 },
  );
}, 120_000);

test('any views of buffers that they share come back as views of buffers that they share', () => {
  const classes = [Uint8Array, Uint8ClampedArray, Int16Array, Uint32Array, Float32Array, Float64Array, BigInt64Array];
  const view = fc.record({ kind: fc.nat(classes.length), buffer: fc.nat(2), from: fc.nat(8), count: fc.nat(8) });
  fc.assert(
    fc.property(fc.array(view, { minLength: 1, maxLength: 8 }), fc.uint8Array({ maxLength: 64 }), (views, bytes) => {
      const buffers = [0, 3, 64].map((length) => Uint8Array.from(bytes.subarray(0, length)).buffer);
      const value = views.map(({ kind, buffer: at, from, count }) => {
        const buffer = buffers[at]!;
        const size = classes[kind]?.BYTES_PER_ELEMENT ?? 1;
        const start = Math.min(from, Math.floor(buffer.byteLength / size)) * size;
        const length = Math.min(count, Math.floor((buffer.byteLength - start) / size));
        const View = (classes[kind] ?? DataView) as Uint8ArrayConstructor;
        return new View(buffer, start, length);
      });
      const found = difference(back([value, buffers]), [value, buffers]);
      if (found !== undefined) throw new Error(found);
    }),
    { numRuns: 500 },
  );
});

test('any value of JSON comes back as it was, and is stored as JSON writes it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (given) => {
      // JSON has no -0.
      const value: unknown = JSON.parse(JSON.stringify(given));
      expect(codec.encode(value, () => 'value')).toEqual({ text: JSON.stringify(value), format: 'json1' });
      expect(difference(back(value), value)).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test('no stored text runs anything, changes a prototype, or ends in another error', () => {
  const form = fc.oneof(
    fc.constantFrom(-7, -2, -1, 0, 1, 2, 3, 99, 1e9, 'x', null, true),
    fc.constantFrom(
      'Date',
      'Map',
      'Set',
      'Error',
      'Array',
      'Buffer',
      '\0__proto__',
      'class Point',
      'ArrayBuffer',
      'null',
    ),
    fc.constantFrom(
      'Uint8Array',
      'Object',
      'RegExp',
      'BigInt',
      'URL',
      '__proto__',
      'constructor',
      'TypeError',
      'length',
    ),
  );
  const part = fc.oneof(form, fc.array(form, { maxLength: 6 }), fc.dictionary(text, form, { maxKeys: 3 }));
  const before = Object.getOwnPropertyNames(Object.prototype);
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      try {
        codec.decode({ text: JSON.stringify(parts), format: 'rich1' }, () => 'key');
      } catch (error) {
        expect((error as Error).name).toBe('CorruptEntryError');
      }
    }),
    { numRuns: 2000 },
  );
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
});

test('a stored text that was damaged is another value or a CorruptEntryError', () => {
  const letter = fc.constantFrom(...'[]{},:"-0129aBdeErrorMapSetDatclass \\\ud800');
  const edit = fc.tuple(fc.constantFrom('put', 'drop', 'change', 'repeat'), fc.nat(5000), fc.nat(5000), letter);
  const prototypes = () => [Object.prototype, Array.prototype, Map.prototype].map((one) => Reflect.ownKeys(one));
  const before = prototypes();
  fc.assert(
    fc.property(fc.array(node, { minLength: 1, maxLength: 4 }), fc.array(edit, { maxLength: 5 }), (nodes, edits) => {
      let { text: stored } = codec.encode([graphOf(nodes), undefined], () => 'value');
      for (const [how, from, to, other] of edits) {
        const at = from % (stored.length + 1);
        const [first, last] = [at, to % (stored.length + 1)].sort((a, b) => a - b);
        const added = how === 'drop' ? '' : how === 'repeat' ? stored.slice(first, last) : other;
        stored = stored.slice(0, at) + added + stored.slice(how === 'drop' || how === 'change' ? at + 1 : at);
      }
      try {
        codec.decode({ text: stored, format: 'rich1' }, () => 'key');
      } catch (error) {
        expect((error as Error).name).toBe('CorruptEntryError');
      }
    }),
    { numRuns: 3000 },
  );
  expect(prototypes()).toEqual(before);
});
