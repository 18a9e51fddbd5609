import { memoryHotStore } from '../../src/hot/memory.js';
import { collectionCases } from './collection-cases.js';

collectionCases(async (clock) => memoryHotStore({ clock }), { sameClock: true });
