import { HOT_MEMORY } from './hot-memory.js';
import { HOT_REDIS } from './hot-redis.js';
import type { Mutation } from './mutation.js';
import { READING } from './reading.js';
import { TIERS } from './tiers.js';

/** Every guard that can be taken out of the code; some live in several places, of which each is taken out by itself. */
export const MUTATIONS: readonly Mutation[] = [...TIERS, ...READING, ...HOT_MEMORY, ...HOT_REDIS];
