import { Cached, Entity, Fallback, Field, Key, RedisHash } from 'holdfast';
import { ownName } from '../support/own-name.js';

/** How many there are. */
export const PEOPLE = 5000;

/** The table, and the prefix of every key: of this run alone. */
export const PERSON = ownName('bench_person');

/** What is stored of a person: five short fields, the widest of 40 characters. */
export class Person {
  @Key() id!: string;
  @Field() name!: string;
  @Field({ type: 'integer' }) age!: number;
  @Field() email!: string;
  @Field() city!: string;
  @Field() bio!: string;
}

/** In process: an LRU before a store in memory. */
@Entity(`${PERSON}_cached`)
@RedisHash()
@Cached({ max: 2 * PEOPLE, ttl: '1h' })
export class CachedPerson {
  @Key() id!: string;
  @Field() name!: string;
  @Field({ type: 'integer' }) age!: number;
  @Field() email!: string;
  @Field() city!: string;
  @Field() bio!: string;
}

/** In Redis, with a durable store behind it. */
@Entity(PERSON)
@RedisHash({ ttl: '1h' })
@Fallback('home')
export class HotPerson extends Person {}

/** In Redis alone. */
@Entity(`${PERSON}_redis`)
@RedisHash({ ttl: '1h' })
export class RedisPerson extends Person {}

export type PersonData = Pick<Person, 'id' | 'name' | 'age' | 'email' | 'city' | 'bio'>;

/** Person number `n`, of {@link PEOPLE}. Calls that follow each other get others, in no order that a page would help. */
export function person(n: number): PersonData {
  const number = (n * 101) % PEOPLE;
  return everybody[number]!;
}

let edition = 0;

/** As {@link person}, in its own class, and changed since the last time: what has not changed TypeORM does not write. */
export function changed<T extends Person>(type: new () => T, n: number): T {
  return Object.assign(new type(), person(n), { age: ++edition });
}

export const everybody: readonly PersonData[] = Array.from({ length: PEOPLE }, (_, number) => ({
  id: `person-${number}`,
  name: `John Smith ${number}`,
  age: number % 100,
  email: `john.${number}@example.com`,
  city: 'Paris',
  bio: 'x'.repeat(40),
}));
