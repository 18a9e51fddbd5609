import { Entity, Field, Key, RedisHash } from '../../src/index.js';

@Entity()
@RedisHash()
export class Person {
  @Key() id!: string;
  @Field() name!: string;
}

@Entity()
@RedisHash()
export class City {
  @Key() id!: string;
  @Field({ type: 'integer' }) population!: number;
}

/** A class of the same name and text as {@link Person}, and yet another. */
export const OtherPerson = (() => {
  @Entity('other_person')
  @RedisHash()
  class Person {
    @Key() id!: string;
    @Field() name!: string;
  }
  return Person;
})();
