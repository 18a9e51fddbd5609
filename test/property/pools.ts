import fc from 'fast-check';

/** So few keys that most steps meet what others left. */
export const key = fc.constantFrom('a', 'b', 'c');

/** Some keys, each once. */
export const keys = fc.uniqueArray(key, { minLength: 1, maxLength: 3 });

// U+0000 is not among them, and none is longer: PostgreSQL refuses that, MariaDB this.
const TEXTS = [
  '',
  ' ',
  'a',
  'a ',
  ' a',
  'A',
  'aa',
  'b',
  // Composed and not, and what a collation takes for the same.
  'é',
  'e\u0301',
  'ß',
  'ss',
  // In UTF-8 the second comes first, in UTF-16 the first.
  '😀',
  '\ufb00',
  '\uffff',
  '0',
  '-0',
  '10',
  '9',
  'null',
  '"',
  "'",
  '\\',
  '%',
  'a_',
  '{b}',
  'a,b',
  '\n',
  '\t',
  '\x7f',
  'x'.repeat(255),
];

/** Members and items: so few of them in one sequence that they meet. */
export const texts = fc.uniqueArray(fc.constantFrom(...TEXTS), { minLength: 5, maxLength: 12 });

/** Scores, and by how much they grow: ties, and whatever a store might lose. */
export const score = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, -0, 1, -1, 2) },
  fc.constantFrom(
    ...[0.1, 0.2, 1 / 3, 123456789.12345679, 2251799813685249.5, 2 ** 53, 2 ** 53 + 2, 1e21, 1e-7],
    ...[1.7976931348623157e308, -1.7976931348623157e308, 1e308, 5e-324, -5e-324, 2.2250738585072014e-308],
    ...[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ),
  // The one that MariaDB has no room for.
  fc.double({ noNaN: true }).filter((one) => Math.abs(one) !== 1.7976931348623155e308),
);

const PLACES = [
  [13.361389, 38.115556],
  [15.087269, 37.502669],
  // In the same cell as the first one.
  [13.36138901, 38.11555601],
  [2.3522, 48.8566],
  [2.3522001, 48.8566],
  [2.3641, 48.8467],
  [-122.4194, 37.7749],
  [0, 0],
  [0.0013, -0.0007],
  [179.99991, 10.103],
  [-179.99973, 10.221],
  [180, 10.152],
  [-180, 10.178],
  [12.3, 85.05112878],
  [-167.1, 85.0497],
  [-95.2, 84.11],
  [40.4, -85.05112878],
  [71.9, -84.3],
] as const;

/** Irregular places: no two are as far from a third, but those in one cell. */
export const place = fc.constantFrom(...PLACES.map(([longitude, latitude]) => ({ longitude, latitude })));

/** Any place, none of them on the other side of the earth from another. */
export const anywhere = fc.oneof(
  place,
  fc
    .tuple(fc.nat(359_999), fc.nat(170_000))
    .map(([east, north]) => ({ longitude: (east + 0.37) / 1000 - 180, latitude: (north + 0.43) / 1000 - 85.0003 })),
);

/** How far: of every order of magnitude, and what is hard to search near a pole. */
export const metres = fc.oneof(
  fc.constantFrom(0, 1, 600_000, 1_200_000, 1e8),
  fc.integer({ min: 0, max: 80_000 }).map((power) => 10 ** (power / 10_000)),
);

/** An object that lacks some of these. */
export const some = <T>(parts: { [P in keyof T]: fc.Arbitrary<T[P]> }) =>
  fc.record(parts, { requiredKeys: [], noNullPrototype: true }) as fc.Arbitrary<Partial<T>>;

/** Where a read is answered from: mostly wherever it may be. */
export const reading = fc.constantFrom({}, {}, {}, { from: 'durable' as const });
