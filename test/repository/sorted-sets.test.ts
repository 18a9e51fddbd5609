import { inProcess, onStores } from './collection-stores.js';
import { sortedSetCases, sortedSetEntities } from './sorted-set-cases.js';

onStores(inProcess, sortedSetEntities, sortedSetCases);
