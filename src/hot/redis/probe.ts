import { epochLua } from './marker.js';
import { ALLOW_OOM, luaScript, type Script } from './script.js';
import type { Shape } from './shape.js';

/**
 * Finds out whether this Redis takes writes, tells its epoch, and allows this user scripts and the commands that invalidate
 * entries of these shapes, on its one key, which there is not.
 */
export const probeScript = (shapes: readonly Shape[]): Script =>
  luaScript(
    `${epochLua('')}
local k = KEYS[1]
${shapes.map(({ probe }) => `do ${probe} end\n`).join('')}redis.call('DEL', k)
return 1`,
    ALLOW_OOM,
  );
