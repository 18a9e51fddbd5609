import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareKeys } from '../../../src/core/key-order.js';
import { keyOf } from '../../../src/core/key-text.js';
import type { StorageType } from '../../../src/core/plain.js';
import { MOST_BYTES, nameOf, numberText, partsOf } from '../../../src/fallbacks/datastore/key-name.js';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ unit: fc.constantFrom('\0', '\x01', '\x02', '_', 'a', '\uffff', '😀'), maxLength: 6 }),
);
const parts = {
  text,
  number: fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)),
  integer: fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -120, max: 120 })),
  bigint: fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt(-120n, 120n)),
  date: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
} as const;
const types = fc.array(fc.constantFrom(...(Object.keys(parts) as (keyof typeof parts)[])), {
  minLength: 1,
  maxLength: 3,
});

test('the name of a key is one that the service takes, no other key has it, and names are in the order of the keys', () => {
  const two = types.chain((storages) => {
    const key = fc.tuple(...storages.map((storage) => parts[storage] as fc.Arbitrary<string | number | bigint>));
    return fc.record({ storages: fc.constant(storages as StorageType[]), a: key, b: key });
  });
  fc.assert(
    fc.property(two, ({ storages, a, b }) => {
      const [left, right] = [nameOf(storages, a), nameOf(storages, b)];
      expect(partsOf(storages, left)).toEqual(a);
      expect(left).not.toMatch(/^__.*__$|^$|\0/s);
      const order = Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right)));
      expect(order).toBe(Math.sign(compareKeys(keyOf(a), keyOf(b))));
    }),
    { numRuns: 3000 },
  );
});

test('a text of ordinary characters is its own name, with as many bytes as a name may have', () => {
  expect(nameOf(['text'], ['ann@example.org'])).toBe('ann@example.org');
  expect(Buffer.byteLength(nameOf(['text'], ['é'.repeat(MOST_BYTES / 2)]))).toBe(MOST_BYTES);
});

test.each(['', '__x__', '____', '__\n__'])('the text %j, which is no name to the service, gets one that is', (id) => {
  const name = nameOf(['text'], [id]);
  expect(name).not.toMatch(/^__.*__$|^$/s);
  expect(partsOf(['text'], name)).toEqual([id]);
});

test.each(['a', 'b5', 'a05', '5', 'Z', 'a1x', ''])('the name %j is of no integer', (name) => {
  expect(() => partsOf(['integer'], name)).toThrow();
});

test('scores are in their order as texts, with -0 in the place of 0', () => {
  const scores = [Number.NEGATIVE_INFINITY, -1e300, -1, -5e-324, 0, 5e-324, 1, 2 ** 53, Number.POSITIVE_INFINITY];
  expect(scores.map(numberText)).toEqual(scores.map(numberText).sort());
  expect(numberText(-0)).toBe(numberText(0));
});
