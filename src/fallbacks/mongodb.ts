export { type MongodbDriverOptions, mongodbDriver } from './mongodb/driver.js';
