import { Cached, Entity, Fallback, Field, Key, KeyProps, RedisHash } from 'holdfast';
import { ownName } from '../support/own-name.js';

/** The name of the table, and of the namespace in Redis: of this run alone. */
export const CITY = ownName('city_demo');

/** Where a city lies, in degrees. */
export class Location {
  @Field() longitude!: number;
  @Field() latitude!: number;
}

/** A city as it is stored. Many have no municipality, and an alternative name that is empty: absent and '' stay apart. */
@Entity(CITY)
@RedisHash({ ttl: '1h' })
@Fallback('home')
@Cached({ max: 200_000, ttl: '30m' })
export class City {
  declare [KeyProps]?: ['country', 'cityId'];
  @Key() country!: string;
  @Key({ type: 'integer' }) cityId!: number;
  @Field() name!: string;
  @Field() altName!: string;
  @Field() featureCode!: string;
  @Field() adminCode!: string;
  @Field() muni?: string;
  @Field() muniSub?: string;
  @Field({ type: 'integer' }) population!: number;
  @Field() location!: Location;
}
