import { Entity, Fallback, Key, Members, SortedSet, type SortedSetMembers } from '../../src/index.js';

/** A set that many processes write at once. */
@Entity()
@SortedSet({ ttl: '1h' })
@Fallback('home')
export class Crowd {
  @Key() id!: string;
  @Members() members!: SortedSetMembers;
}
