// A geo set as an entity: places by name, and which of them are near. Redis answers with its own commands, the database with an index on the geohash.
import { Entity, Fallback, type GeoPoints, GeoSet, Holdfast, Key, Points } from 'holdfast';

@Entity()
@GeoSet({ ttl: '7d' })
@Fallback('home')
class CityMap {
  @Key() id!: string;
  @Points() cities!: GeoPoints;
}

// REDIS_URL and DATABASE_URL put it on real servers.
await using holdfast = await Holdfast.open({
  entities: [CityMap],
  ...(process.env.REDIS_URL && { redis: process.env.REDIS_URL }),
  fallbacks: { home: process.env.DATABASE_URL ?? 'sqlite:' },
  synchronize: true,
});
const maps = holdfast.repository(CityMap);

await maps.add(
  'europe',
  { member: 'Paris', longitude: 2.3488, latitude: 48.85341 },
  { member: 'London', longitude: -0.12574, latitude: 51.50853 },
  { member: 'Brussels', longitude: 4.34878, latitude: 50.85045 },
  { member: 'Amsterdam', longitude: 4.88969, latitude: 52.37403 },
  { member: 'Lisbon', longitude: -9.13333, latitude: 38.71667 },
);

const kilometres = (distance: number | undefined) => `${Math.round(distance ?? 0)} km`;

// The three nearest to a place, within 1,000 km of it.
const lille = { longitude: 3.05858, latitude: 50.63297 };
const near = await maps.search('europe', { ...lille, radius: 1000, unit: 'km', limit: 3, withDistance: true });
for (const { member, distance } of near) console.log(member, kilometres(distance));
// => Brussels 94 km
// => Paris 204 km
// => Amsterdam 231 km

// Around one of them, in a box of so much from side to side.
console.log(
  (await maps.search('europe', { member: 'Paris', width: 800, height: 700, unit: 'km', sort: 'desc' })).map(
    ({ member }) => member,
  ),
);
// => [ 'London', 'Brussels', 'Paris' ]

console.log('Paris to Lisbon:', kilometres(await maps.distance('europe', 'Paris', 'Lisbon', 'km')));
// => Paris to Lisbon: 1453 km
console.log('geohash of Paris:', await maps.hash('europe', 'Paris'));
// => geohash of Paris: u09tvmqrep0
const position = await maps.position('europe', 'Paris');
console.log('Paris lies at', position?.longitude.toFixed(4), position?.latitude.toFixed(4));
// => Paris lies at 2.3488 48.8534
console.log('Atlantis:', await maps.position('europe', 'Atlantis'), await maps.distance('europe', 'Atlantis', 'Paris'));
// => Atlantis: undefined undefined
