import { createRequire } from 'node:module';
import { Entity, Fallback, Field, Holdfast, Key, RedisHash } from 'holdfast';
import { datastoreDriver } from 'holdfast/fallbacks/datastore';

// Opens, uses and closes; it ends by itself where nothing is left open.
@Entity()
@RedisHash()
@Fallback('home')
class Person {
  @Key() id!: string;
  @Field() name!: string;
}

const { cache } = createRequire(import.meta.url);
delete process.env.METADATA_SERVER_DETECTION;
const isLoaded = () =>
  Object.keys(cache).some((path) => path.includes('@google-cloud/datastore')) ? 'loaded' : 'not loaded';

const other = await Holdfast.open({ entities: [Person], fallbacks: { home: 'memory:' }, logger: false });
await other.close();
console.log(`memory: ${isLoaded()}`);
const home = datastoreDriver({ source: process.argv[2]! });
const holdfast = await Holdfast.open({ entities: [Person], fallbacks: { home }, logger: false });
console.log(`datastore: ${isLoaded()}`);
await holdfast.repository(Person).save({ id: 'ann', name: 'Ann' });
console.log(`found ${(await holdfast.repository(Person).find('ann'))?.name}`);
await holdfast.close();
