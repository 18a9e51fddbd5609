import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { memoryHotStore } from '../../src/hot/memory.js';
import { Counter, EveryType, Visited } from './every-type.js';
import { storeCases } from './store-cases.js';

const entities = { every: EveryType, counter: Counter, visited: Visited };

describe('in process, in front of memory', () => {
  const driver = memoryDriver();
  const hot = memoryHotStore();
  storeCases({
    entities,
    sharedHot: true,
    transactions: true,
    options: async () => ({ redis: hot, fallbacks: { home: driver }, logger: false }),
  });
});

describe.each(['file:', 'sqlite:'])('without a hot tier, on %s', (scheme) => {
  let folder: string;
  storeCases({
    entities,
    sharedHot: true,
    transactions: true,
    async options() {
      folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'));
      return { redis: false, fallbacks: { home: `${scheme}${join(folder, 'home')}` }, logger: false };
    },
    cleanUp: () => rm(folder, { recursive: true, force: true }),
  });
});
