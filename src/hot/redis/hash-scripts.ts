import type { HashForm, Query } from '../../core/kind.js';
import type { Schema } from '../../core/schema.js';
import { tellAllLua } from './channel.js';
import { eachLua, fieldsLua, MARKER, namedFieldsLua, onlyForeign, UNPACK } from './lua.js';
import { epochLua } from './marker.js';
import { ALLOW_OOM, luaScript, type Script } from './script.js';
import type { Reading, Shape } from './shape.js';
import { type HotScripts, markerLua, peekScript, readScript, stepScripts } from './steps.js';

/** One Redis hash: the marker is a field of it. */
export const hashShape: Shape = {
  probe: `redis.call('UNLINK', k)
  redis.call('HSET', k, '${MARKER}', '')
  redis.call('HGET', k, '${MARKER}')
  redis.call('PEXPIRE', k, 1000)`,
  marker: `
local function marker(k)
  local m = redis.pcall('HGET', k, '${MARKER}')
  if type(m) ~= 'table' then return m end
  ${onlyForeign('m')}
  redis.call('UNLINK', k)
  return false
end
`,
  home: 'k',
  expire: (time, when) => `redis.call('PEXPIRE', k, ${time}${when ? `, '${when}'` : ''})`,
  expireAt: (time) => `redis.call('PEXPIREAT', k, ${time})`,
  drop: `redis.call('DEL', k)`,
  mark: (m) => `redis.call('HSET', k, '${MARKER}', ${m})`,
  markAlone: (m, time) => `redis.call('DEL', k)
      redis.call('HSET', k, '${MARKER}', ${m})
      redis.call('PEXPIRE', k, ${time})`,
  put: `${eachLua}
local function put(k, ttl, count, from)
  redis.call('DEL', k)
  if count < 0 then
    redis.call('HSET', k, '${MARKER}', 'N' .. mine)
  elseif count <= ${UNPACK} then
    redis.call('HSET', k, '${MARKER}', 'P' .. mine, unpack(ARGV, from, from + count - 1))
  else
    each('HSET', k, from, count)
    redis.call('HSET', k, '${MARKER}', 'P' .. mine)
  end
  if ttl ~= '' then redis.call('PEXPIRE', k, ttl) end
end
`,
};

/** How the fields of a hash are read, its marker last: how many there are, and the expression. */
const reading = (size: string, values: string, before = ''): Reading => ({
  before: `${before}\nlocal size = ${size}`,
  read: `local v = ${values}
  local m = v[size]`,
  reply: 'v',
  isError: 'v.err',
  take: 'v[size] = nil',
});

/** The fields named by the arguments after so many others. */
const given = (others: number): Reading => reading(`#ARGV - ${others}`, `fields(k, ${others + 1}, #ARGV)`, fieldsLua);

// Drops one entry where it still reads as the reader found it. Arguments: count of fields, the fields, then for each its
// text after `=`, or nothing where it was absent.
const discard = (epoch: string) =>
  luaScript(
    `${epoch}${markerLua(hashShape)}${fieldsLua}
local k, size = KEYS[1], tonumber(ARGV[1])
local m = marker(k)
local locked = lock(m)
if not locked and m ~= 'P' .. mine then return 0 end
local v = size == 0 and {} or fields(k, 2, size + 1)
for i = 1, size do
  if ARGV[1 + size + i] ~= (v[i] and '=' .. v[i] or '') then return 0 end
end
if locked then dirty(k, m) else redis.call('DEL', k) end
return 1`,
    ALLOW_OOM,
  );

/** The scripts for entries that are one Redis hash: marker and fields in one key. They carry the schema's fingerprint. */
export function hashScripts(schema: Schema, form: HashForm): HotScripts {
  const epoch = epochLua(schema.fingerprint);
  const names = [...form.fields(schema, undefined), MARKER];
  const named = namedFieldsLua(names);
  // `undefined` where the whole value has more fields than a script can name.
  const all = named === undefined ? undefined : reading(String(names.length), named);
  const asked = (query: Query) => form.fields(schema, query);
  const readAll = all && readScript(epoch, hashShape, all);
  const read = readScript(epoch, hashShape, given(2));
  const peekAll = all && peekScript(epoch, all);
  const peek = peekScript(epoch, given(0));
  const drop = discard(epoch);
  const withFields = (script: Script, query: Query) => ({ script, args: [...asked(query), MARKER] });
  return {
    type: 'hash',
    ...stepScripts(hashShape, epoch, schema.cache ? tellAllLua : ''),
    read: (query) => (query === undefined && readAll ? { script: readAll, args: [] } : withFields(read, query)),
    peek: () => (peekAll ? { script: peekAll, args: [] } : withFields(peek, undefined)),
    size: (query) => asked(query).length,
    format: (value) => form.format(schema, value),
    parse: (query, texts) => form.parse(schema, query, texts),
    discard(query, texts) {
      const fields = asked(query);
      const found = texts.map((text) => (text === null ? '' : `=${text}`));
      return { script: drop, args: [String(fields.length), ...fields, ...found] };
    },
  };
}
