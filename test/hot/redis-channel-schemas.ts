import { sampleRow, sampleSchema } from '../../src/testing/sample-schema.js';

const cache = { max: 100, ttl: 60_000, jitter: 0, staleIfError: 0 };
const fields = { name: 'string' } as const;

/** Entities that processes keep, and one that they do not. */
export const person = sampleSchema({ name: 'person', fields, schema: { cache } });
export const place = sampleSchema({ name: 'place', fields, schema: { cache } });
export const unkept = sampleSchema({ name: 'unkept', fields });
export const row = sampleRow(person, { name: 'Ann' });
