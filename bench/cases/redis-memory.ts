import {
  Entity,
  Fallback,
  Flag,
  type FlagValue,
  type GeoPoints,
  GeoSet,
  Holdfast,
  Items,
  Key,
  type ListItems,
  Members,
  Points,
  RedisList,
  RedisSet,
  type SetItems,
  SortedSet,
  type SortedSetMembers,
  Value,
} from 'holdfast';
import { Redis } from 'ioredis';
import type { BenchCase } from '../harness/case.js';
import type { Room } from '../harness/room.js';

@Entity('leaderboard')
@SortedSet({ ttl: '1h' })
@Fallback('home')
class HotBoard {
  @Key() id!: string;
  @Members() players!: SortedSetMembers;
}

@Entity('city_map')
@GeoSet({ ttl: '1h' })
@Fallback('home')
class HotMap {
  @Key() id!: string;
  @Points() places!: GeoPoints;
}

@Entity('history')
@RedisList({ ttl: '1h' })
@Fallback('home')
class HotList {
  @Key() id!: string;
  @Items() items!: ListItems;
}

@Entity('followers')
@RedisSet({ ttl: '1h' })
@Fallback('home')
class HotSet {
  @Key() id!: string;
  @Items() items!: SetItems;
}

@Entity('visited')
@Flag({ ttl: '1h' })
@Fallback('home')
class HotFlag {
  @Key() id!: string;
  @Value() on!: FlagValue;
}

/** One kind: how many members are saved, and the same by hand. */
interface Kept {
  readonly name: string;
  readonly entity: typeof HotBoard | typeof HotMap | typeof HotList | typeof HotSet;
  save(holdfast: Holdfast, id: string, count: number): Promise<unknown>;
  bare(redis: Redis, key: string, count: number): Promise<unknown>;
}

const ID = 'an-id-of-some-length';
const texts = (count: number): string[] => Array.from({ length: count }, (_, at) => `member-${100_000 + at}`);
const score = (at: number): number => at * 1.25;
const place = (at: number) => ({ longitude: (at * 7) % 180, latitude: (at * 3) % 80 });

const KINDS: readonly Kept[] = [
  {
    name: 'sorted set',
    entity: HotBoard,
    save: (holdfast, id, count) =>
      holdfast
        .repository(HotBoard)
        .save({ id, players: texts(count).map((member, at) => ({ member, score: score(at) })) }),
    bare: (redis, key, count) => redis.zadd(key, ...texts(count).flatMap((member, at) => [score(at), member])),
  },
  {
    name: 'geo set',
    entity: HotMap,
    save: (holdfast, id, count) =>
      holdfast.repository(HotMap).save({ id, places: texts(count).map((member, at) => ({ member, ...place(at) })) }),
    bare: (redis, key, count) =>
      redis.geoadd(key, ...texts(count).flatMap((member, at) => [place(at).longitude, place(at).latitude, member])),
  },
  {
    name: 'list',
    entity: HotList,
    save: (holdfast, id, count) => holdfast.repository(HotList).save({ id, items: texts(count) }),
    bare: (redis, key, count) => redis.rpush(key, ...texts(count)),
  },
  {
    name: 'set',
    entity: HotSet,
    save: (holdfast, id, count) => holdfast.repository(HotSet).save({ id, items: new Set(texts(count)) }),
    bare: (redis, key, count) => redis.sadd(key, ...texts(count)),
  },
];

/** What collections and flags take in Redis, marker and all, beside the bare type under a key as long. */
export const redisMemory: BenchCase = {
  name: 'redis-memory',
  needs: ['redis'],
  async open({ redisUrl, ownName: namespace }) {
    const redis = new Redis(redisUrl);
    const holdfast = await Holdfast.open({
      entities: [HotBoard, HotMap, HotList, HotSet, HotFlag],
      redis: redisUrl,
      namespace,
      fallbacks: { home: 'memory:' },
      logger: false,
    });
    const rooms: Room[] = [];
    try {
      for (const { name, save, bare } of KINDS)
        for (const count of [150, 1000, 10_000]) {
          const room = await compared(redis, namespace, {
            save: () => save(holdfast, ID, count),
            bare: (key) => bare(redis, key, count),
          });
          rooms.push({ title: `${name} of ${count.toLocaleString('en-US')}`, ...room, aim: 1.05 });
        }
      const flag = await compared(redis, namespace, {
        save: () => holdfast.repository(HotFlag).set(ID),
        bare: (key) => redis.set(key, '1', 'EX', 3600),
      });
      rooms.push({ title: 'flag', ...flag });
    } finally {
      redis.disconnect();
    }
    return { comparisons: [], rooms, close: () => holdfast.close() };
  },
};

interface Ways {
  save(): Promise<unknown>;
  bare(key: string): Promise<unknown>;
}

/** Saves it, and looks at all keys that came of it; then writes it by hand, under the key that it lay under. */
async function compared(redis: Redis, namespace: string, { save, bare }: Ways): Promise<Pick<Room, 'ours' | 'bare'>> {
  await save();
  const keys: string[] = [];
  for await (const some of redis.scanStream({ match: `${namespace}:*${ID}*`, count: 1000 }))
    keys.push(...(some as string[]));
  const ours = await memoryOf(redis, keys);
  await redis.unlink(...keys);
  const [key] = keys.sort((a, b) => a.length - b.length);
  await bare(key!);
  const alone = await memoryOf(redis, [key!]);
  await redis.unlink(key!);
  return { ours, bare: alone };
}

async function memoryOf(redis: Redis, keys: readonly string[]): Promise<number> {
  let sum = 0;
  for (const key of keys) sum += (await redis.memory('USAGE', key, 'SAMPLES', 0)) ?? 0;
  return sum;
}
