import type { KindDecorator, ValueDecorator } from '../metadata/decorator-types.js';
import type { HotOptions, ValueOptions } from '../metadata/options.js';
import { kindDecorator, valueDecorator } from '../metadata/record-kind.js';
import { flag } from './flag.js';

const decorate = kindDecorator<'flag'>(flag, 'Flag');
const decorateValue = valueDecorator<'flag'>(flag);

/**
 * Declares an entity as a flag: a boolean for each key, in the property with `@Value()`.
 *
 * @example
 * @Entity() @Flag()
 * class Visited { @Key() id!: string; @Value() seen!: FlagValue }
 */
export function Flag(options: HotOptions = {}): KindDecorator<'flag'> {
  return decorate(options);
}

/** Declares the property of a `@Flag`, whose type is `FlagValue`. */
export function Value(options: ValueOptions = {}): ValueDecorator<'flag'> {
  return decorateValue(options);
}
