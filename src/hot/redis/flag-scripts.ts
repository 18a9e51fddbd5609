import type { StringForm } from '../../core/kind.js';
import type { Schema } from '../../core/schema.js';
import { tellAllLua } from './channel.js';
import { onlyForeign } from './lua.js';
import { epochLua } from './marker.js';
import { ALLOW_OOM, luaScript } from './script.js';
import type { Reading, Shape } from './shape.js';
import { type HotScripts, markerLua, peekScript, readScript, stepScripts } from './steps.js';

// The first character where there is no value.
const NONE = '-';

/** One Redis string: the value is its first character, the marker is the rest. */
export const stringShape: Shape = {
  probe: `redis.call('UNLINK', k)
  redis.call('SET', k, '')
  redis.call('GET', k)
  redis.call('PEXPIRE', k, 1000)`,
  marker: `
local value
local function marker(k)
  local s = redis.pcall('GET', k)
  if type(s) == 'table' then
    ${onlyForeign('s')}
    redis.call('UNLINK', k)
  end
  if type(s) ~= 'string' then return false end
  value = string.sub(s, 1, 1)
  return string.sub(s, 2)
end
`,
  home: 'k',
  expire: (time, when) => `redis.call('PEXPIRE', k, ${time}${when ? `, '${when}'` : ''})`,
  expireAt: (time) => `redis.call('PEXPIREAT', k, ${time})`,
  drop: `redis.call('DEL', k)`,
  mark: (m) => `redis.call('SET', k, value .. ${m}, 'KEEPTTL')`,
  // A time of 0 is none to SET.
  markAlone: (m, time) => `redis.call('SET', k, '${NONE}' .. ${m})
      redis.call('PEXPIRE', k, ${time})`,
  put: `
local function put(k, ttl, count, from)
  redis.call('SET', k, (count < 0 and '${NONE}N' or ARGV[from] .. 'P') .. mine)
  if ttl ~= '' then redis.call('PEXPIRE', k, ttl) end
end
`,
};

const reading: Reading = {
  before: '',
  read: `local s = redis.pcall('GET', k)
  local m = type(s) == 'string' and string.sub(s, 2)`,
  reply: 's',
  isError: `type(s) == 'table'`,
  take: 'local v = { string.sub(s, 1, 1) }',
};

// Drops one entry where it still has the value that the reader found. Arguments: the value's character.
const discard = (epoch: string) =>
  luaScript(
    `${epoch}${markerLua(stringShape)}
local k = KEYS[1]
local m = marker(k)
local locked = lock(m)
if not locked and m ~= 'P' .. mine or value ~= ARGV[1] then return 0 end
if locked then dirty(k, m) else redis.call('DEL', k) end
return 1`,
    ALLOW_OOM,
  );

/** The scripts for entries that are one Redis string: marker and value in one text. They carry the schema's fingerprint. */
export function flagScripts(schema: Schema, form: StringForm): HotScripts {
  const epoch = epochLua(schema.fingerprint);
  const read = { script: readScript(epoch, stringShape, reading), args: [] };
  const peek = { script: peekScript(epoch, reading), args: [] };
  const drop = discard(epoch);
  return {
    type: 'string',
    ...stepScripts(stringShape, epoch, schema.cache ? tellAllLua : ''),
    read: () => read,
    peek: () => peek,
    size: () => 1,
    format: (value) => [form.format(schema, value)],
    parse: (query, [text]) => form.parse(schema, query, text!),
    discard: (_, [text]) => ({ script: drop, args: [text!] }),
  };
}
