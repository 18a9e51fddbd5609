import { describe, expect, test } from '@jest/globals';
import { Atlas, metres, type Place, searchFault } from '../../bench/demo/atlas.js';

const paris: Place = { longitude: 2.3522, latitude: 48.8566 };
const rouen: Place = { longitude: 1.0993, latitude: 49.4431 };
const lille: Place = { longitude: 3.05858, latitude: 50.63297 };

const atlas = new Atlas();
[paris, rouen, lille].forEach((place, member) => {
  atlas.set(member, place);
});

const membersNear = (center: Place, area: Parameters<Atlas['near']>[1]) =>
  atlas
    .near(center, area)
    .map(({ member }) => member)
    .sort();

describe('The atlas that the demo checks geo sets against', () => {
  test('knows distances, also over the longitude 180 and to the other side of the earth', () => {
    expect(metres(paris, rouen)).toBeCloseTo(112_086, -1);
    expect(metres({ longitude: 179.9, latitude: 0 }, { longitude: -179.9, latitude: 0 })).toBeCloseTo(22_245, -1);
    expect(metres({ longitude: 0, latitude: 0 }, { longitude: 180, latitude: 0 })).toBeCloseTo(20_020_734, -1);
  });

  test('finds what lies within a radius', () => {
    expect(membersNear(paris, { radius: 100_000 })).toEqual([0]);
    expect(membersNear(paris, { radius: 120_000 })).toEqual([0, 1]);
    expect(membersNear(paris, { radius: 210_000 })).toEqual([0, 1, 2]);
  });

  test('finds what lies within a box, by half of its width and height', () => {
    expect(membersNear(paris, { width: 200_000, height: 100_000 })).toEqual([0]);
    expect(membersNear(paris, { width: 200_000, height: 140_000 })).toEqual([0, 1]);
    expect(membersNear(paris, { width: 200_000, height: 400_000 })).toEqual([0, 1, 2]);
    expect(membersNear(paris, { width: 90_000, height: 400_000 })).toEqual([0]);
  });

  test('is not sure of what lies at the edge', () => {
    const edge = metres(paris, rouen);
    expect(atlas.near(paris, { radius: edge - 0.5 }).map(({ member, sure }) => [member, sure])).toEqual([
      [0, true],
      [1, false],
    ]);
  });
});

describe('The checker of searches', () => {
  const near = [
    { member: 1, distance: 100, sure: true },
    { member: 2, distance: 200, sure: true },
    { member: 3, distance: 200.5, sure: true },
    { member: 4, distance: 999.5, sure: false },
  ];
  const [one, two, three, four] = near.map(({ member, distance }) => ({ member, distance: distance + 0.3 }));

  test('lets right answers pass, with and without those that may be on either side', () => {
    expect(searchFault(near, {}, [one!, two!, three!])).toBeUndefined();
    expect(searchFault(near, {}, [one!, two!, three!, four!])).toBeUndefined();
    expect(searchFault(near, { sort: 'desc' }, [three!, two!, one!])).toBeUndefined();
    expect(searchFault(near, { limit: 1 }, [one!])).toBeUndefined();
  });

  test('lets either pass of two that are as far away', () => {
    expect(searchFault(near, { limit: 2 }, [one!, two!])).toBeUndefined();
    expect(searchFault(near, { limit: 2 }, [one!, three!])).toBeUndefined();
    expect(searchFault(near, { limit: 1, sort: 'desc' }, [three!])).toBeUndefined();
    expect(searchFault(near, { limit: 1, sort: 'desc' }, [two!])).toBeUndefined();
  });

  test.each([
    ['one that is missing', {}, [one!, three!], 'is without city 2, 200 m away'],
    ['one that is nearer than those that were given', { limit: 2 }, [two!, three!], 'is without city 1, 100 m away'],
    ['one that lies elsewhere', {}, [one!, two!, three!, { member: 5, distance: 201 }], 'has city 5'],
    ['one that comes twice', {}, [one!, one!, two!, three!], 'has city 1'],
    ['a wrong distance', {}, [{ member: 1, distance: 102 }, two!, three!], 'says of city 1 that it is 102 m away'],
    ['a distance that is none', {}, [{ member: 1, distance: Number.NaN }, two!, three!], 'says of city 1'],
    ['another order', {}, [two!, one!, three!], 'has city 1 after one that comes after it'],
    ['more than were asked for', { limit: 2 }, [one!, two!, three!], 'has 3 members, more than 2'],
  ] as const)('finds %s', (_, wanted, answer, fault) => {
    expect(searchFault(near, wanted, answer)).toContain(fault);
  });
});
