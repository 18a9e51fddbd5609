import { sampleSchema } from '../../src/testing/sample-schema.js';

/** The entities of the crash tests, in the test and in its children alike. */
export const person = sampleSchema({ name: 'person', fields: { count: 'integer' } });
export const city = sampleSchema({ name: 'city', fields: { count: 'integer' } });
