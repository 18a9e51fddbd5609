import { describe } from '@jest/globals';
import { memoryHotStore } from '../../src/hot/memory.js';
import { fencedCases } from './fenced-cases.js';

describe('The fenced protocol in process', () => {
  fencedCases(async (clock) => memoryHotStore({ clock }));
});
