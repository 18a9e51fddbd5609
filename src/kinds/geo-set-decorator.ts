import type { KindDecorator, ValueDecorator } from '../metadata/decorator-types.js';
import type { HotOptions, MemberOptions } from '../metadata/options.js';
import { kindDecorator, valueDecorator } from '../metadata/record-kind.js';
import { geoSet } from './geo-set.js';

const decorate = kindDecorator<'geo-set'>(geoSet, 'GeoSet');
const decoratePoints = valueDecorator<'geo-set', MemberOptions>(geoSet);

/**
 * Declares an entity as a geo set: members with places on earth, in the property with `@Points()`.
 *
 * @example
 * @Entity() @GeoSet()
 * class CityMap { @Key() id!: string; @Points() cities!: GeoPoints }
 */
export function GeoSet(options: HotOptions = {}): KindDecorator<'geo-set'> {
  return decorate(options);
}

/** Declares the property of a `@GeoSet`, whose type is `GeoPoints`. Members are strings where no other `type` is given. */
export function Points(options: MemberOptions = {}): ValueDecorator<'geo-set'> {
  return decoratePoints(options);
}
