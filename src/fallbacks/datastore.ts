export { type DatastoreDriverOptions, datastoreDriver } from './datastore/driver.js';
export type { KeyPlacement } from './datastore/layout.js';
export type { DatastoreLike } from './datastore/source.js';
