export { type MongodbDriverOptions, mongodbDriver } from './fallbacks/mongodb/driver.js';
