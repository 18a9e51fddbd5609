import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { variantsCases } from './variants-cases.js';

describe('in process alone', () => {
  variantsCases({ homed: false, options: async () => ({}) });
});

describe('in process, in front of memory', () => {
  variantsCases({ homed: true, options: async () => ({ fallbacks: { home: 'memory:' } }) });
});

describe.each(['file:', 'sqlite:'])('in process, in front of %s', (scheme) => {
  let folder: string;
  variantsCases({
    homed: true,
    async options() {
      folder = await mkdtemp(join(tmpdir(), 'holdfast-variants-'));
      return { fallbacks: { home: `${scheme}${join(folder, 'home')}` } };
    },
    cleanUp: () => rm(folder, { recursive: true, force: true }),
  });
});
