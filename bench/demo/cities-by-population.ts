import { Entity, Fallback, Key, KeyProps, Members, SortedSet, type SortedSetMembers } from 'holdfast';
import { CITY } from './city.js';

/** The name of the table of {@link CitiesByPopulation}. */
export const BY_POPULATION = `${CITY}_by_population`;

/** The cities of a country, by their ids, in the order of how many live there. */
@Entity(BY_POPULATION)
@SortedSet({ ttl: '1h' })
@Fallback('home')
export class CitiesByPopulation {
  declare [KeyProps]?: ['country'];
  @Key() country!: string;
  @Members({ type: 'integer' }) cities!: SortedSetMembers<number>;
}
