import { LRUCache } from 'lru-cache';
import type { BenchCase } from '../harness/case.js';
import { opened } from './opened.js';
import { CachedPerson, everybody, PEOPLE, type PersonData, person } from './people.js';

function built(data: PersonData): CachedPerson {
  const made = new CachedPerson();
  made.id = data.id;
  made.name = data.name;
  made.age = data.age;
  made.email = data.email;
  made.city = data.city;
  made.bio = data.bio;
  return made;
}

/** A read that the in-process cache answers, beside the cache that it is made of. */
export const cacheHit: BenchCase = {
  name: 'cache-hit',
  needs: [],
  async open() {
    const { people, keys, close } = await opened(CachedPerson, {});
    for (const key of keys) await people.find(key);
    const lru = new LRUCache<string, PersonData>({ max: 2 * PEOPLE });
    const withTtl = new LRUCache<string, PersonData>({ max: 2 * PEOPLE, ttl: 3_600_000 });
    for (const one of everybody) lru.set(one.id, one) && withTtl.set(one.id, one);
    const find = async (id: string) => built(lru.get(id)!);
    return {
      comparisons: [
        {
          title: 'find, cached in process',
          concurrency: 1,
          burst: 100,
          expected: person,
          variants: [
            { name: 'find', run: (n) => people.find(person(n).id) },
            { name: 'lru-cache and building the entity', run: (n) => built(lru.get(person(n).id)!), aim: 1 / 3 },
            { name: 'the same with a TTL', run: (n) => built(withTtl.get(person(n).id)!) },
            { name: 'lru-cache, building, in an async function', run: (n) => find(person(n).id) },
            { name: 'lru-cache alone', run: (n) => lru.get(person(n).id) },
          ],
        },
      ],
      close,
    };
  },
};
