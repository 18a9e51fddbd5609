import { inProcess, onStores } from './collection-stores.js';
import { geoSetCases, geoSetEntities } from './geo-set-cases.js';

onStores(inProcess, geoSetEntities, geoSetCases);
