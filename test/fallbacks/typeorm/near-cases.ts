import { expect } from '@jest/globals';
import { type Area, type CollectionQuestion, type Member, valueOfMembers } from '../../../src/core/collection.js';
import { geohashOf, type Place, placeOf } from '../../../src/core/geo.js';
import { Members } from '../../../src/core/members.js';
import { sampleCollection, sampleQuery } from '../../../src/testing/sample-collections.js';
import { adding, ask } from './collection-context.js';
import { done, withDriver } from './context.js';
import type { SqlCase } from './sql-cases.js';

const map = sampleCollection({ name: 'map', structure: 'geo-set' });

const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
  return seed / 2 ** 32;
};

/** Places all over the earth, some of them close together, at poles and where longitudes meet. */
function places(): Member[] {
  const next = random(7);
  const found: Member[] = [];
  const put = (longitude: number, latitude: number) =>
    found.push({ text: `p${String(found.length).padStart(4, '0')}`, score: geohashOf({ longitude, latitude }) });
  for (let at = 0; at < 500; at++) put(next() * 360 - 180, next() * 170 - 85);
  for (let at = 0; at < 200; at++) put(13 + next(), 52 + next());
  for (let at = 0; at < 100; at++) put(at % 2 ? 179.5 + next() / 2 : -179.5 - next() / 2, next() * 10);
  for (let at = 0; at < 100; at++) put(next() * 360 - 180, (at % 2 ? 1 : -1) * (84 + next()));
  // Many at one place: ties, which the bytes of their texts break.
  for (let at = 0; at < 60; at++) put(20, 30);
  return found;
}

const CENTERS: readonly (Place | string)[] = [
  { longitude: 13.4, latitude: 52.5 },
  { longitude: 180, latitude: 5 },
  { longitude: -180, latitude: 5 },
  { longitude: 0, latitude: 85 },
  { longitude: 77, latitude: -85 },
  { longitude: -160, latitude: -30 },
  'p0600',
  'p0950',
  'nowhere',
];

const AREAS: readonly Area[] = [
  { radius: 0 },
  { radius: 1 },
  { radius: 40_000 },
  { radius: 3_000_000 },
  { radius: 25_000_000 },
  { width: 60_000, height: 30_000 },
  { width: 9_000_000, height: 400_000 },
  { width: 50_000_000, height: 50_000_000 },
];

export const nearCases: readonly SqlCase[] = [
  {
    name: 'what is near is told as everywhere, to the last digit',
    async run(database) {
      const members = places();
      const value = valueOfMembers(Members.of('geo-set', members));
      await withDriver(database.url, [map], async (driver) => {
        await done(
          driver,
          adding(
            map,
            'a',
            members.map(({ text, score }) => [text, score] as const),
          ),
          adding(map, 'b', [['p0600', 1]]),
        );
        // The furthest and the nearest of a place that has others right on the border of the area.
        const edge: Area = {
          radius: Number(
            (await ask(driver, map, 'a', {
              type: 'near',
              center: 'p0950',
              area: { radius: 5_000_000 },
              limit: 90,
              sort: 'asc',
            }))!.numbers.at(-1),
          ),
        };
        for (const center of CENTERS)
          for (const area of [...AREAS, edge])
            for (const sort of ['asc', 'desc'] as const)
              for (const limit of [undefined, 1, 10, 59]) {
                const question: CollectionQuestion = { type: 'near', center, area, limit, sort };
                const expected = map.kind.select(map, value, sampleQuery(question));
                expect({ question, answer: await ask(driver, map, 'a', question) }).toEqual({
                  question,
                  answer: expected,
                });
              }
        const none: CollectionQuestion = {
          type: 'near',
          center: placeOf(1),
          area: { radius: 1 },
          limit: 1,
          sort: 'asc',
        };
        expect(await ask(driver, map, 'none', none)).toBeNull();
        expect(await ask(driver, map, 'none', { ...none, center: 'p' })).toBeNull();
      });
    },
  },
];
