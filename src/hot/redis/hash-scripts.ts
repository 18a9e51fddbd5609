import type { Schema } from '../../core/schema.js';
import { tellAllLua } from './channel.js';
import { lockLua } from './lock.js';
import { eachLua, fieldsLua, namedFieldsLua, UNPACK } from './lua.js';
import { clockLua, epochLua, MARKER, markerLua, underLua } from './marker.js';
import { ALLOW_OOM, luaScript, type Script } from './script.js';

/** The steps of the fenced protocol, as scripts for the entries of one schema. */
export interface HotScripts {
  /** Reads the whole value; `undefined` where it has more fields than a script can name. */
  readonly readAll: Script | undefined;
  readonly read: Script;
  /** As `readAll` and `read` do, but without writing anything. */
  readonly peekAll: Script | undefined;
  readonly peek: Script;
  readonly begin: Script;
  readonly renew: Script;
  readonly commit: Script;
  readonly release: Script;
  readonly fill: Script;
  readonly drop: Script;
  readonly discard: Script;
}

/** `put(k, ttl, count, from)`: the entry of `count` arguments from `from` on, -1 for "known absent"; an empty `ttl` is for ever. */
const putLua = `${eachLua}
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
`;

/** How the values of the hash `k`, its marker last, are read in Lua: how many there are, and the expression. */
interface Fields {
  readonly size: string;
  readonly values: string;
}

// Answers for each key its texts (false where there is none), or N (absent), F (cold), B (busy), or T and the type of what
// was there in place of a hash. All in one JSON text, which costs the server and the client a fifth less than lists of Redis;
// what is asked for most is found out first. `foreign` is done to what is no hash, `locked` tells what is served of a lock, `cold`
// decides about the rest.
const look = (epoch: string, { size, values }: Fields, foreign: string, locked: string, cold: string) =>
  luaScript(`${epoch}
local P, size = 'P' .. mine, ${size}
local out = {}
for i = 1, #KEYS do
  local k = KEYS[i]
  local v = ${values}
  local m = v[size]
  if m == P then
    v[size] = nil
    out[i] = v
  elseif v.err then
    out[i] = 'T' .. redis.call('TYPE', k).ok
    ${foreign}
  elseif m == 'N' .. mine then
    out[i] = 'N'
  else
    ${clockLua}${underLua}
    local p = m and string.sub(m, 1, 9) == 'L' .. tag and string.find(m, '|', 18, true)
    if p then
      local under = ${locked}
      v[size] = nil
      out[i] = under == 'p' and v or under == 'n' and 'N' or 'B'
    ${cold}
    end
  end
end
return cjson.encode(out)`);

// Arguments: token, time to fill.
const read = (epoch: string, fields: Fields) =>
  look(
    epoch,
    fields,
    `redis.call('UNLINK', k)`,
    'served(k, m, p)',
    `elseif m == 'F' .. mine .. ARGV[1] then
      out[i] = 'F'
    elseif m and string.sub(m, 1, 17) == 'F' .. mine then
      out[i] = 'B'
    else
      redis.call('DEL', k)
      redis.call('HSET', k, '${MARKER}', 'F' .. mine .. ARGV[1])
      redis.call('PEXPIRE', k, ARGV[2])
      out[i] = 'F'`,
  );

const peek = (epoch: string, fields: Fields) =>
  look(epoch, fields, '', 'nil', `else out[i] = m and string.sub(m, 1, 17) == 'F' .. mine and 'B' or 'F'`);

// Arguments: token, lock time, how much of it must be left for what lies under the lock to be served. What is for writers who meet is made only where they do, here and in commit.
const begin = (epoch: string) =>
  luaScript(
    `${epoch}${markerLua}
local token, time = ARGV[1], ARGV[2]
for i = 1, #KEYS do
  local k = KEYS[i]
  local m = marker(k)
  local p = lock(m)
  if p then
    ${clockLua}${lockLua}
    if not lengthen(k, m, p, token, time) then alter(k, m, p, token, time, true) end
  else
    local under, till = m == 'P' .. mine and 'p' or m == 'N' .. mine and 'n' or 'c', 0
    if under == 'c' then redis.call('DEL', k) else till = redis.call('PEXPIRETIME', k) end
    redis.call('HSET', k, '${MARKER}', 'L' .. mine .. under .. string.format('%.0f', till) .. '/' .. ARGV[3] .. '|' .. token)
    redis.call('PEXPIRE', k, time)
  end
end
return #KEYS`,
    ALLOW_OOM,
  );

// Arguments: token, lock time.
const renew = (epoch: string) =>
  luaScript(
    `${epoch}${markerLua}${clockLua}${lockLua}
local token, time = ARGV[1], ARGV[2]
for i = 1, #KEYS do
  local k = KEYS[i]
  local m = marker(k)
  local p = lock(m)
  if p and not lengthen(k, m, p, token, time) and string.find(m, ',', p, true) then alter(k, m, p, token, time) end
end
return #KEYS`,
    ALLOW_OOM,
  );

// Arguments: token, mode, then for each key its ttl, the count of its texts and these.
const commit = (epoch: string) =>
  luaScript(`${epoch}${markerLua}${clockLua}${underLua}${putLua}
local token, mode = ARGV[1], ARGV[2]
local at = 3
for i = 1, #KEYS do
  local k, ttl, count = KEYS[i], ARGV[at], tonumber(ARGV[at + 1])
  local m = marker(k)
  local p = lock(m)
  if not p then
    redis.call('DEL', k)
  elseif string.sub(m, p + 1) == token and (mode == 'set' or valid(m, p) == 'p') then
    put(k, ttl, count, at + 2)
  else
    ${lockLua}
    leave(k, m, p, token)
  end
  at = at + 2 + math.max(count, 0)
end
return #KEYS`);

// Arguments: a token for all keys, or one for each.
const release = (epoch: string) =>
  luaScript(
    `${epoch}${markerLua}${clockLua}${lockLua}
for i = 1, #KEYS do
  local m = marker(KEYS[i])
  local p = lock(m)
  if p then leave(KEYS[i], m, p, ARGV[i] or ARGV[1]) else redis.call('DEL', KEYS[i]) end
end
return #KEYS`,
    ALLOW_OOM,
  );

// Arguments: token, then for each key its ttl, the count of its texts and these.
const fill = (epoch: string) =>
  luaScript(`${epoch}${markerLua}${putLua}
local at = 2
for i = 1, #KEYS do
  local count = tonumber(ARGV[at + 1])
  if marker(KEYS[i]) == 'F' .. mine .. ARGV[1] then put(KEYS[i], ARGV[at], count, at + 2) end
  at = at + 2 + math.max(count, 0)
end
return #KEYS`);

const drop = (epoch: string) =>
  luaScript(
    `${epoch}${markerLua}
for i = 1, #KEYS do
  local m = marker(KEYS[i])
  if lock(m) then dirty(KEYS[i], m) else redis.call('DEL', KEYS[i]) end
end
return #KEYS`,
    ALLOW_OOM,
  );

// Drops one entry where it still reads as the reader found it. Arguments: count of fields, the fields, then for each its
// text after `=`, or nothing where it was absent.
const discard = (epoch: string) =>
  luaScript(
    `${epoch}${markerLua}${fieldsLua}
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

const made = new WeakMap<Schema, HotScripts>();

/** The scripts for entries that are one Redis hash: marker and fields in one key. They carry the schema's fingerprint. */
export function hashScripts(schema: Schema): HotScripts {
  const there = made.get(schema);
  if (there) return there;
  const epoch = epochLua(schema.fingerprint);
  // What ends a write tells the processes that keep its entries.
  const tell = schema.cache ? tellAllLua : '';
  const names = [...schema.kind.redisFields(schema, undefined), MARKER];
  const named = namedFieldsLua(names);
  const all = named === undefined ? undefined : { size: String(names.length), values: named };
  const given = (before: number) => ({
    size: `#ARGV - ${before}`,
    values: `fields(k, ${before + 1}, #ARGV)`,
  });
  const scripts: HotScripts = {
    readAll: all && read(epoch, all),
    // After the other arguments: fields, marker field.
    read: read(`${epoch}${fieldsLua}`, given(2)),
    peekAll: all && peek(epoch, all),
    peek: peek(`${epoch}${fieldsLua}`, given(0)),
    begin: begin(epoch),
    renew: renew(epoch),
    commit: commit(`${epoch}${tell}`),
    release: release(`${epoch}${tell}`),
    fill: fill(epoch),
    drop: drop(`${epoch}${tell}`),
    discard: discard(epoch),
  };
  made.set(schema, scripts);
  return scripts;
}
