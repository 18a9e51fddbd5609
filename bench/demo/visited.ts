import { Entity, Fallback, Flag, type FlagValue, Key, KeyProps, Value } from 'holdfast';
import { CITY } from './city.js';

/** The name of the table of {@link Visited}. */
export const VISITED = `${CITY}_visited`;

/** Whether the traveller of the demo has been to a city; of most nobody has asked him. */
@Entity(VISITED)
@Flag({ ttl: '1h' })
@Fallback('home')
export class Visited {
  declare [KeyProps]?: ['country', 'cityId'];
  @Key() country!: string;
  @Key({ type: 'integer' }) cityId!: number;
  @Value() seen!: FlagValue;
}
