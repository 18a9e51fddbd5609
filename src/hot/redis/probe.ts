import { epochLua, MARKER, markerLua } from './marker.js';
import { ALLOW_OOM, luaScript } from './script.js';

/** Finds out whether this Redis takes writes, tells its epoch, and allows this user scripts and the commands that invalidate, on its one key, which there is not. */
export const probeScript = luaScript(
  `${epochLua('')}${markerLua}
local k = KEYS[1]
marker(k)
redis.call('HSET', k, '${MARKER}', '')
redis.call('PEXPIRE', k, 1000)
redis.call('DEL', k)
return 1`,
  ALLOW_OOM,
);
