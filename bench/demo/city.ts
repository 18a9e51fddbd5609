import { Cached, Entity, Fallback, Field, Key, KeyProps, RedisHash } from 'holdfast';
import { ownName } from '../support/own-name.js';

/** The name of the table, and of the namespace in Redis: of this run alone, all its processes included. */
export const CITY = process.env.HOLDFAST_DEMO_CITY ?? ownName('city_demo');

/** Where a city lies, in degrees. */
export class Location {
  @Field() longitude!: number;
  @Field() latitude!: number;
}

/**
 * A city as it is stored, without an in-process cache. Many have no municipality, and an alternative name that is empty:
 * absent and '' stay apart.
 */
@Entity(CITY)
@RedisHash({ ttl: '1h' })
@Fallback('home')
export class PlainCity {
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

/** The same, kept in process for as long as the demo may take. */
@Cached({ max: 200_000, ttl: '30m' })
export class City extends PlainCity {}

/** In milliseconds. */
export const BRIEFLY = 500;

/** The same, kept in process only briefly. */
@Cached({ max: 200_000, ttl: BRIEFLY, jitter: 0 })
export class BrieflyCity extends PlainCity {}
