import { epochLua, markerLua } from './marker.js';
import { ALLOW_OOM, luaScript } from './script.js';

/** Finds out whether scripts are allowed on its one key, which there is not, whether this Redis takes writes, and whether it tells its epoch. */
export const probeScript = luaScript(
  `${epochLua('')}${markerLua}
marker(KEYS[1])
return 1`,
  ALLOW_OOM,
);
