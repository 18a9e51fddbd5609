export { memoryDriver } from './fallbacks/memory.js';
export { memoryHotStore } from './hot/memory.js';
export { type FakeClock, fakeClock } from './testing/fake-clock.js';
export { fallbackConformance } from './testing/fallback-conformance.js';
export { type Faults, faultyDriver, faultyHotStore, type Gate, type Moment } from './testing/faulty.js';
export { hotStoreConformance } from './testing/hot-conformance.js';
export { openDriver, openHot } from './testing/open-stores.js';
export { sampleSchema } from './testing/sample-schema.js';
