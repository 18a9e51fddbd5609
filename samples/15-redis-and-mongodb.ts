// Redis in front of MongoDB: a document for each entity, and a document for each member of a collection.
// MONGODB_URL names the database (mongodb://localhost/shop), of a replica set where several entities are to be saved together; REDIS_URL names Redis, left out the hot tier is in process.
import { Entity, Fallback, Holdfast, Key, Members, SortedSet, type SortedSetMembers } from 'holdfast';
import { Session } from './entities/session.js';

@Entity({ name: 'sample_scores' })
@SortedSet({ ttl: '1h' })
@Fallback('home')
class Scores {
  @Key() id!: string;
  @Members() players!: SortedSetMembers;
}

const url = process.env.MONGODB_URL;
if (url === undefined) {
  console.log('Name a database in MONGODB_URL, as in MONGODB_URL=mongodb://localhost/shop.');
  process.exit();
}
const holdfast = await Holdfast.open({
  entities: [Session, Scores],
  ...(process.env.REDIS_URL && { redis: process.env.REDIS_URL }),
  fallbacks: { home: url },
  logger: false,
});
const sessions = holdfast.repository(Session);
const scores = holdfast.repository(Scores);

await holdfast.batch((b) => {
  b.repository(Session).save({ id: 's1', user: 'ann', visits: 1 });
  b.repository(Scores).save({ id: 'today', players: [{ member: 'ann', score: 10 }] });
});
await scores.add('today', { member: 'bob', score: 30 }, { member: 'eve', score: 20 });
console.log('The best two:', await scores.range('today', { reverse: true, limit: 2, from: 'durable' }));
// => The best two: [ 'bob', 'eve' ]

await sessions.increment('s1', 'visits');
console.log('In MongoDB:', await sessions.find('s1', { from: 'durable' }));
// => In MongoDB: Session { id: 's1', user: 'ann', visits: 2 }

await sessions.save({ id: 's2', user: 'bob', visits: 1 }, { fallbackTtl: '1d' });
console.log('There are:', await sessions.count());
// => There are: 2
await sessions.delete(['s1', 's2']);
await scores.delete('today');
await holdfast.close();
