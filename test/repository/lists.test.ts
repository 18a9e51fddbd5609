import { inProcess, onStores } from './collection-stores.js';
import { listCases, listEntities } from './list-cases.js';

onStores(inProcess, listEntities, listCases);
