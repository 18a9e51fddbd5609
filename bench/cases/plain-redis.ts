import { Redis } from 'ioredis';
import { everybody, Person, person } from './people.js';

/** What one writes by hand on ioredis: a hash for each person. */
export class PlainRedis {
  readonly redis: Redis;
  readonly #prefix: string;

  private constructor(redis: Redis, prefix: string) {
    this.redis = redis;
    this.#prefix = prefix;
  }

  static async open(url: string, prefix: string): Promise<PlainRedis> {
    const plain = new PlainRedis(new Redis(url), prefix);
    await Promise.all(everybody.map((one) => plain.save(one)));
    return plain;
  }

  async find(id: string): Promise<Person | undefined> {
    return parsed(id, await this.redis.hgetall(this.#key(id)));
  }

  async findMany(ids: readonly string[]): Promise<(Person | undefined)[]> {
    const pipeline = this.redis.pipeline();
    for (const id of ids) pipeline.hgetall(this.#key(id));
    const replies = await pipeline.exec();
    return ids.map((id, index) => {
      const [error, hash] = replies![index]!;
      if (error) throw error;
      return parsed(id, hash as Record<string, string>);
    });
  }

  async save({ id, name, age, email, city, bio }: Pick<Person, keyof Person>): Promise<void> {
    const key = this.#key(id);
    await Promise.all([
      this.redis.hset(key, 'name', name, 'age', age, 'email', email, 'city', city, 'bio', bio),
      this.redis.pexpire(key, 3_600_000),
    ]);
  }

  close(): void {
    this.redis.disconnect();
  }

  #key(id: string): string {
    return `${this.#prefix}:plain:${id}`;
  }
}

function parsed(id: string, hash: Record<string, string>): Person | undefined {
  if (hash.name === undefined) return undefined;
  const made = new Person();
  made.id = id;
  made.name = hash.name;
  made.age = Number(hash.age);
  made.email = hash.email!;
  made.city = hash.city!;
  made.bio = hash.bio!;
  return made;
}

/** The keys of `count` people, beginning with number `n`. */
export const someIds = (n: number, count: number): string[] =>
  Array.from({ length: count }, (_, at) => person(n * count + at).id);
