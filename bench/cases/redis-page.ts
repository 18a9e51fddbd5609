import { Holdfast, type Scored, type SortedSetRepository } from 'holdfast';
import { Redis } from 'ioredis';
import type { BenchCase } from '../harness/case.js';
import type { Comparison } from '../harness/measure.js';
import { type Board, everyBoard, HotBoard, PAGE_SIZE, pageAsked, pageOf, RedisBoard } from './boards.js';
import { atOnce } from './databases.js';

/** What one writes by hand on ioredis. */
class PlainBoards {
  readonly #redis: Redis;
  readonly #prefix: string;

  constructor(redis: Redis, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  async fill(): Promise<void> {
    for (const { id, players } of everyBoard)
      await this.#redis.zadd(this.#key(id), ...players.flatMap(({ member, score }) => [score, member]));
  }

  async page(n: number): Promise<Scored[]> {
    const { id, page } = pageAsked(n);
    const start = (page - 1) * PAGE_SIZE;
    const flat = await this.#redis.zrange(this.#key(id), start, start + PAGE_SIZE - 1, 'WITHSCORES');
    const scored: Scored[] = [];
    for (let at = 0; at < flat.length; at += 2) scored.push({ member: flat[at]!, score: Number(flat[at + 1]) });
    return scored;
  }

  #key(id: string): string {
    return `${this.#prefix}:plain:${id}`;
  }
}

const ask = (boards: SortedSetRepository<Board>) => (n: number) => {
  const { id, page } = pageAsked(n);
  return boards.range(id, { page, pageSize: PAGE_SIZE, withScores: true });
};

/** A page of a sorted set that Redis answers, beside ZRANGE. */
export const redisPage: BenchCase = {
  name: 'redis-page',
  needs: ['redis'],
  async open({ redisUrl: redis, ownName: namespace }) {
    const clients = [new Redis(redis, { enableAutoPipelining: true }), new Redis(redis)] as const;
    const [batched, single] = clients.map((client) => new PlainBoards(client, namespace)) as [PlainBoards, PlainBoards];
    await single.fill();
    const holdfast = await Holdfast.open({
      entities: [HotBoard, RedisBoard],
      redis,
      namespace,
      fallbacks: { home: 'memory:' },
      logger: false,
    });
    const hot = holdfast.repository(HotBoard) as SortedSetRepository<Board>;
    const alone = holdfast.repository(RedisBoard) as SortedSetRepository<Board>;
    for (const boards of [hot, alone]) for (const board of everyBoard) await boards.save(board);
    const compared = (concurrency: number, aim: number): Comparison[] => {
      const title = (where: string) => `page of ${PAGE_SIZE} from Redis ${where}, ${atOnce(concurrency)}`;
      const common = { concurrency, expected: pageOf };
      const peers = [
        { name: 'ioredis ZRANGE, auto-pipelined, and building', run: (n: number) => batched.page(n), aim },
        { name: 'ioredis ZRANGE, and building', run: (n: number) => single.page(n), ...(concurrency === 1 && { aim }) },
      ];
      return [
        { ...common, title: title('before a database'), variants: [{ name: 'range', run: ask(hot) }, ...peers] },
        { ...common, title: title('alone'), variants: [{ name: 'range', run: ask(alone) }, ...peers] },
      ];
    };
    return {
      comparisons: [...compared(100, 0.9), ...compared(1, 0.8)],
      close: async () => {
        for (const client of clients) client.disconnect();
        await holdfast.close();
      },
    };
  },
};
