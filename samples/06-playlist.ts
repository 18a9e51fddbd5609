// A sorted set as an entity: a playlist, whose tracks are in the order of their scores. Redis keeps it as a sorted set, the database as one row for each track.
import { Entity, Fallback, Holdfast, Key, Members, SortedSet, type SortedSetMembers } from 'holdfast';

@Entity()
@SortedSet({ ttl: '1h' })
@Fallback('home')
class Playlist {
  @Key() id!: string;
  @Members() tracks!: SortedSetMembers;
}

// REDIS_URL and DATABASE_URL put it on real servers.
await using holdfast = await Holdfast.open({
  entities: [Playlist],
  ...(process.env.REDIS_URL && { redis: process.env.REDIS_URL }),
  fallbacks: { home: process.env.DATABASE_URL ?? 'sqlite:' },
  synchronize: true,
});
const playlists = holdfast.repository(Playlist);

await playlists.save({
  id: 'road trip',
  tracks: [
    { member: 'Autobahn', score: 1 },
    { member: 'Route 66', score: 3 },
    { member: 'Road to Nowhere', score: 2 },
  ],
});
console.log(await playlists.find('road trip'));
// => Playlist {
// =>   id: 'road trip',
// =>   tracks: [
// =>     { member: 'Autobahn', score: 1 },
// =>     { member: 'Road to Nowhere', score: 2 },
// =>     { member: 'Route 66', score: 3 }
// =>   ]
// => }

// One more track is one row and one command, however many there are.
console.log('new:', await playlists.add('road trip', { member: 'Take It Easy', score: 2.5 }));
// => new: 1
console.log(await playlists.range('road trip', { page: 2, pageSize: 2 }));
// => [ 'Take It Easy', 'Route 66' ]
console.log(
  await playlists.range('road trip', { minScore: 2, reverse: true, limit: 1, withScores: true, withSize: true }),
);
// => { items: [ { member: 'Route 66', score: 3 } ], size: 3 }

console.log('rank:', await playlists.rank('road trip', 'Take It Easy'));
// => rank: 2
console.log('removed:', await playlists.remove('road trip', 'Autobahn', 'Thunder Road'));
// => removed: 1
console.log(
  'left:',
  await playlists.size('road trip'),
  'of them from 2 to 2.5:',
  await playlists.countBetween('road trip', 2, 2.5),
);
// => left: 3 of them from 2 to 2.5: 2

// A playlist without tracks is there; one that was deleted is not.
await playlists.save({ id: 'quiet', tracks: [] });
console.log(await playlists.find('quiet'), await playlists.delete('quiet'), await playlists.find('quiet'));
// => Playlist { id: 'quiet', tracks: [] } true undefined
