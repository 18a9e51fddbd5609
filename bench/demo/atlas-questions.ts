import type { GeoSetRepository, ReadOptions } from 'holdfast';
import { type Area, type Atlas, metres, type Place, SLACK, searchFault, type Wanted } from './atlas.js';
import type { CityData } from './cities.js';
import type { CityMap } from './city-map.js';
import { differs } from './ranking-questions.js';
import { type Question, question } from './stage.js';

/** The key of the one map. */
export const EARTH = 'earth';

/** A map, and what it must answer. */
export interface Mapped {
  readonly maps: GeoSetRepository<CityMap>;
  readonly atlas: Atlas;
}

/** The same questions to whichever tier: what they must be answered with has been worked out. */
export type AskMap = (options: ReadOptions) => Question[];

interface Search {
  readonly around: Place | { readonly member: number };
  readonly area: Area;
  readonly wanted: Wanted;
}

const TEN = { limit: 10 };
const METRES = 1000;
/** So many cities are added at once. */
const BATCH = 1000;

const circle = (kilometres: number): Area => ({ radius: kilometres * METRES });
const box = (width: number, height: number): Area => ({ width: width * METRES, height: height * METRES });

/** Far from everything, and where longitudes and latitudes end; with a radius in kilometres, small where Redis would look at the whole earth. */
const REMOTE: readonly (readonly [Place, number])[] = [
  [{ longitude: 0, latitude: 0 }, 800],
  [{ longitude: -130, latitude: -48.9 }, 1500],
  [{ longitude: 180, latitude: 65 }, 1000],
  [{ longitude: -180, latitude: -17 }, 800],
  [{ longitude: 179.99, latitude: -16.8 }, 300],
  [{ longitude: 25, latitude: 85 }, 450],
  [{ longitude: -70, latitude: -85 }, 450],
];

/** Neither the place of a city, nor far from it. */
const beside = ({ longitude, latitude }: Place): Place => ({
  longitude: longitude > 0 ? longitude - 0.4 : longitude + 0.4,
  latitude: latitude * 0.99,
});

function searchesOf(atlas: Atlas): Search[] {
  const members = [...atlas.members];
  const step = Math.max(5, Math.floor(members.length / 40));
  const some = (first: number) => members.filter((_, at) => at % step === first);
  return [
    ...some(0).map((member) => ({ around: { member }, area: circle(100), wanted: TEN })),
    ...some(1).map((member) => ({ around: beside(atlas.place(member)!), area: circle(200), wanted: TEN })),
    ...some(2).map((member) => ({ around: { member }, area: circle(80), wanted: { ...TEN, sort: 'desc' as const } })),
    ...some(3).map((member) => ({ around: { member }, area: circle(50), wanted: {} })),
    ...some(4).map((member) => ({ around: beside(atlas.place(member)!), area: box(120, 60), wanted: {} })),
    ...REMOTE.map(([around, radius]) => ({ around, area: circle(radius), wanted: TEN })),
    ...REMOTE.map(([around, radius]) => ({ around, area: box(radius * 1.8, radius), wanted: {} })),
  ];
}

/** The ten nearest, or furthest, and all within a radius or a box: around cities, beside them, and far from all. */
export function searching({ maps, atlas }: Mapped): AskMap {
  const searches = searchesOf(atlas).map((search) => {
    const { around, area } = search;
    return { ...search, near: atlas.near('member' in around ? atlas.place(around.member)! : around, area) };
  });
  return (options) =>
    searches.map(({ around, area, wanted, near }) => {
      const asked = { ...around, ...area, ...wanted };
      const search = () => maps.search(EARTH, { ...asked, ...options, withDistance: true });
      return question(JSON.stringify(asked), search, (answer) => searchFault(near, wanted, answer));
    });
}

const places = (got: Place | undefined, wanted: Place): string | undefined =>
  got && metres(got, wanted) <= SLACK / 2 ? undefined : `is ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`;

/** Where every 200th city is, and how far from the one before. */
export function measuring({ maps, atlas }: Mapped): AskMap {
  const members = [...atlas.members].filter((_, at) => at % 200 === 0);
  return (options) =>
    members.flatMap((member, at) => {
      const [here, other] = [atlas.place(member)!, members.at(at - 1)!];
      const far = metres(here, atlas.place(other)!) / METRES;
      return [
        question(
          `position of ${member}`,
          () => maps.position(EARTH, member, options),
          (got) => places(got, here),
        ),
        question(
          `distance of ${member} and ${other}`,
          () => maps.distance(EARTH, member, other, 'km', options),
          (got) => (Math.abs(got! - far) <= SLACK / METRES ? undefined : `is ${got}, not ${far}`),
        ),
      ];
    });
}

/** Adds all cities to the map, which is new. */
export function adding({ maps, atlas }: Mapped, cities: readonly CityData[]): Question[] {
  const points = cities.map(({ cityId, location }) => ({ member: cityId, ...location }));
  return Array.from({ length: Math.ceil(points.length / BATCH) }, (_, at) => {
    const some = points.slice(at * BATCH, (at + 1) * BATCH);
    for (const { member, ...place } of some) atlas.set(member, place);
    const add = () => maps.add(EARTH, ...some);
    return question(`add ${some.length} cities`, add, (added) => differs(added, some.length));
  });
}

/** Of every 200th city: one is removed, the next is moved to the other hemisphere, and another is founded beside its old place. */
export const moving = ({ maps, atlas }: Mapped, cities: readonly CityData[]): Question[] =>
  cities
    .filter((_, at) => at % 200 === 7)
    .map(({ cityId: member, location: { longitude, latitude } }, at) => {
      if (at % 2 > 0) {
        atlas.delete(member);
        const remove = () => maps.remove(EARTH, member, -member);
        return question(`remove city ${member}`, remove, (gone) => differs(gone, 1));
      }
      const moved = { longitude: -longitude, latitude };
      const founded = beside({ longitude, latitude });
      atlas.set(member, moved);
      atlas.set(-member, founded);
      const add = () => maps.add(EARTH, { member, ...moved }, { member: -member, ...founded });
      return question(`add cities ${member} and ${-member}`, add, (added) => differs(added, 1));
    });

/** The whole map, which is hot afterwards: every city is where it lies. */
export const whole = ({ maps, atlas }: Mapped): Question =>
  question(
    'the whole map',
    () => maps.refresh(EARTH),
    (found) => {
      const left = new Set(atlas.members);
      for (const { member, ...place } of found?.cities ?? []) {
        const wanted = left.delete(member) ? atlas.place(member) : undefined;
        const fault = wanted ? places(place, wanted) : 'must not be there';
        if (fault !== undefined) return `city ${member} ${fault}`;
      }
      return left.size === 0 ? undefined : `is without ${left.size} of ${atlas.size} cities`;
    },
  );
