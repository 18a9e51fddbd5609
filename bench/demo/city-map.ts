import { Entity, Fallback, type GeoPoints, GeoSet, Key, Points } from 'holdfast';
import { CITY } from './city.js';

/** The name of the table of {@link CityMap}. */
export const MAP = `${CITY}_map`;

/** The cities, by their ids, and where they lie. */
@Entity(MAP)
@GeoSet({ ttl: '1h' })
@Fallback('home')
export class CityMap {
  @Key() id!: string;
  @Points({ type: 'integer' }) cities!: GeoPoints<number>;
}
