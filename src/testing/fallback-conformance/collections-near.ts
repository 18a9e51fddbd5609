import { strict as assert } from 'node:assert';
import type { Area, CollectionQuestion } from '../../core/collection.js';
import { geohashOf, MAX_LATITUDE, type Place } from '../../core/geo.js';
import type { SampleMembers } from '../sample-collections.js';
import { collecting } from './collections.js';
import type { Collections } from './collections-bench.js';

const at = (longitude: number, latitude: number): Place => ({ longitude, latitude });
const members = (places: Readonly<Record<string, Place>>): SampleMembers =>
  Object.entries(places).map(([text, place]) => [text, geohashOf(place)]);

const near = (
  center: Place | string,
  area: Area,
  more: { limit?: number; sort?: 'asc' | 'desc' } = {},
): CollectionQuestion => ({ type: 'near', center, area, limit: more.limit, sort: more.sort ?? 'asc' });

const sicily = members({
  Palermo: at(13.361389, 38.115556),
  Catania: at(15.087269, 37.502669),
  Agrigento: at(13.583333, 37.316667),
});

/** Places strewn around one, the same each time. */
const strewn = ({ longitude, latitude }: Place, count: number): SampleMembers =>
  Array.from({ length: count }, (_, index) => {
    const part = (seed: number) => (((index + 1) * seed) % 1009) / 1009 - 0.5;
    const east = longitude + part(617) * 3;
    return [
      `p${String(index).padStart(3, '0')}`,
      geohashOf(at(east > 180 ? east - 360 : east, latitude + part(271) * 3)),
    ];
  });

const AREAS: readonly Area[] = [
  { radius: 0 },
  { radius: 1 },
  { radius: 5000 },
  { radius: 150_000 },
  { radius: 400_000 },
  { width: 100, height: 1e5 },
  { width: 3e5, height: 2e5 },
  { radius: 1_000_000 },
  { width: 4e6, height: 1e6 },
  { radius: 3e7 },
];

async function everyWay(subject: Collections, centers: readonly (Place | string)[]): Promise<void> {
  for (const center of centers)
    for (const area of AREAS)
      for (const limit of [undefined, 1, 10])
        for (const sort of ['asc', 'desc'] as const)
          await subject.ask('a', near(center, area, { sort, ...(limit !== undefined && { limit }) }));
}

export const collectionNearCases = [
  collecting(
    'geo-set',
    'those near a place are found, nearest or furthest first, with their distances',
    async (subject) => {
      await subject.done(subject.add('a', sicily));
      const center = at(15, 37);
      const far = { radius: 200_000 };
      assert.deepEqual(await subject.texts('a', near(center, far)), ['Catania', 'Agrigento', 'Palermo']);
      assert.deepEqual(await subject.texts('a', near(center, far, { sort: 'desc' })), [
        'Palermo',
        'Agrigento',
        'Catania',
      ]);
      assert.deepEqual(await subject.texts('a', near(center, far, { limit: 2 })), ['Catania', 'Agrigento']);
      assert.deepEqual(await subject.texts('a', near(center, { radius: 100_000 })), ['Catania']);
      assert.deepEqual(await subject.texts('a', near(center, { width: 400_000, height: 100_000 })), ['Agrigento']);
      const [distance] = await subject.numbers('a', near(center, far));
      assert.ok(Math.abs(distance! - 56_441.257) < 1, `${distance} metres`);
    },
  ),
  collecting('geo-set', 'those near a member are found, itself among them', async (subject) => {
    await subject.done(subject.put('a', sicily));
    assert.deepEqual(await subject.texts('a', near('Palermo', { radius: 100_000 })), ['Palermo', 'Agrigento']);
    assert.deepEqual(await subject.numbers('a', near('Palermo', { radius: 0 })), [0]);
    assert.deepEqual(await subject.texts('a', near('Palermo', { radius: 0 })), ['Palermo']);
  }),
  collecting('geo-set', 'near nothing there is nothing', async (subject) => {
    await subject.done(subject.put('empty', []));
    await subject.done(subject.put('a', sicily));
    for (const center of [at(0, 0), 'nobody', '', 'COUNT']) {
      assert.equal(await subject.ask('none', near(center, { radius: 1000 })), null);
      assert.deepEqual(await subject.texts('empty', near(center, { radius: 1000 }, { limit: 5 })), []);
      assert.deepEqual(await subject.texts('a', near(center, { radius: 1000 }, { limit: 5 })), []);
      assert.deepEqual(await subject.texts('a', near(center, { width: 10, height: 10 })), []);
    }
  }),
  collecting('geo-set', 'members called like a part of a query are found like others', async (subject) => {
    const texts = ['COUNT', 'FROMMEMBER', 'ASC', '', '5', 'WITHDIST'];
    await subject.done(
      subject.add(
        'a',
        texts.map((text, index) => [text, geohashOf(at(5 + index / 1000, 5))]),
      ),
    );
    for (const text of texts) await subject.ask('a', near(text, { radius: 500 }, { limit: 2 }));
    assert.equal((await subject.texts('a', near('COUNT', { radius: 1000 }))).length, 6);
  }),
  collecting(
    'geo-set',
    'of one distance those come first whose bytes do, also where only some are asked for',
    async (subject) => {
      const texts = Array.from({ length: 40 }, (_, index) => `m${String((index * 17) % 40).padStart(2, '0')}`);
      const together = [...texts, '😀', 'é', 'B', '\uff5e', 'a'].map((text) => [text, geohashOf(at(10, 50))] as const);
      const alone = members({ nearer: at(10.0005, 50), further: at(10.01, 50) });
      await subject.done(subject.add('a', [...together, ...alone]));
      const sorted = ['B', 'a', ...[...texts].sort(), 'é', '\uff5e', '😀'];
      const center = at(10.001, 50);
      const area = { radius: 2000 };
      const first = await subject.texts('a', near(center, area, { limit: 5 }));
      assert.deepEqual(first, ['nearer', ...sorted.slice(0, 4)]);
      const last = await subject.texts('a', near(center, area, { limit: 5, sort: 'desc' }));
      assert.deepEqual(last, ['further', ...sorted.slice(0, 4)]);
      for (const limit of [1, 2, 3, 20, 46, 47, 48, 1000])
        for (const sort of ['asc', 'desc'] as const) await subject.ask('a', near(center, area, { limit, sort }));
      assert.deepEqual(await subject.texts('a', near('m07', { radius: 0 }, { limit: 3 })), sorted.slice(0, 3));
    },
  ),
  ...(
    [
      ['anywhere', at(8.5, 47.4), [at(8.5, 47.4), at(9.1, 46), 'p007', 'p100']],
      ['at the equator', at(0, 0), [at(0, 0), at(-0.5, 0.7), 'p000']],
      ['at the longitude 180', at(179.2, -17), [at(179.9, -17), at(180, -16.5), 'p003']],
      ['in the far north', at(20, 83.5), [at(20, 83.5), at(-160, MAX_LATITUDE), 'p050']],
    ] as const
  ).map(([where, middle, centers]) =>
    collecting('geo-set', `300 members are searched in every way: ${where}`, async (subject) => {
      await subject.done(subject.put('a', strewn(middle, 300)));
      await everyWay(subject, centers);
    }),
  ),
];
