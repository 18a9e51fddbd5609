export type { StoredClass } from './values/classes.js';
export { type UserValueEntitiesOptions, userValueEntities } from './values/entities.js';
export type { Id } from './values/ids.js';
export type { UserValuesOptions, ValuesLocation } from './values/options.js';
export { type DeleteOptions, type ManyValues, type StoreOptions, UserValues } from './values/user-values.js';
export type { UserValuesOf } from './values/user-values-of.js';
