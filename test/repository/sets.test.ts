import { inProcess, onStores } from './collection-stores.js';
import { setCases, setEntities } from './set-cases.js';

onStores(inProcess, setEntities, setCases);
