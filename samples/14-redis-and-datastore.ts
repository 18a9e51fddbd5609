// Redis in front of Google Datastore: an entity, a ranking, an expiry and a version, each where it belongs.
// DATASTORE_URL names a project or an emulator (datastore://project?endpoint=localhost:8081); without it, the small server of the tests is started.
import {
  Entity,
  Fallback,
  Field,
  Holdfast,
  Key,
  Members,
  RedisHash,
  SortedSet,
  type SortedSetMembers,
  Version,
} from 'holdfast';
import { startDatastore } from '../test/support/datastore/server.js';

@Entity()
@RedisHash({ ttl: '1h' })
@Fallback('archive')
class Order {
  @Key() id!: string;
  @Field({ index: true }) customer!: string;
  @Field() total!: number;
  @Version() version!: number;
}

@Entity()
@SortedSet()
@Fallback('archive')
class BestCustomers {
  @Key() id!: string;
  @Members() customers!: SortedSetMembers;
}

const server = process.env.DATASTORE_URL ? undefined : await startDatastore();
const archive = process.env.DATASTORE_URL ?? `datastore://shop?namespace=eu&endpoint=${server?.address}`;
const open = () => Holdfast.open({ entities: [Order, BestCustomers], fallbacks: { archive }, logger: false });

let holdfast = await open();
await holdfast.repository(Order).save({ id: 'o1', customer: 'ann', total: 12.5 });
const order = await holdfast.repository(Order).find('o1');
console.log('kept:', order);
// => kept: Order { id: 'o1', customer: 'ann', total: 12.5, version: 1 }

// Optimistic locking: made to the version that was read, or not at all.
await holdfast.repository(Order).update('o1', { total: 20 });
const late = await holdfast
  .repository(Order)
  .save(order!)
  .catch((error: Error) => error.name);
console.log('a save of what is old:', late);
// => a save of what is old: VersionConflictError

// One more member writes that member, however many there are.
const best = holdfast.repository(BestCustomers);
await best.add('2026', { member: 'ann', score: 20 }, { member: 'ben', score: 3 }, { member: 'carl', score: 8 });
await best.incrementScore('2026', 'ben', 40);
await holdfast.close();

// Another process: its Redis is empty, the archive is not.
holdfast = await open();
console.log('found:', (await holdfast.repository(Order).find('o1'))?.total);
// => found: 20
const top = await holdfast.repository(BestCustomers).range('2026', { reverse: true, limit: 2, withScores: true });
console.log('the best two:', top.map(({ member, score }) => `${member} ${score}`).join(', '));
// => the best two: ben 43, ann 20
await holdfast.close();
await server?.stop();
