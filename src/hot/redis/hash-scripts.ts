import type { Schema } from '../../core/schema.js';
import { eachLua, fieldsLua, namedFieldsLua, UNPACK } from './lua.js';
import { epochLua, MARKER, markerLua, underLua } from './marker.js';
import { luaScript, type Script } from './script.js';

/** The steps of the fenced protocol, as scripts for the entries of one schema. */
export interface HotScripts {
  /** Reads the whole value; `undefined` where it has more fields than a script can name. */
  readonly readAll: Script | undefined;
  readonly read: Script;
  readonly begin: Script;
  readonly renew: Script;
  readonly commit: Script;
  readonly release: Script;
  readonly fill: Script;
  readonly drop: Script;
  readonly discard: Script;
}

// Invalidation goes on while Redis is out of memory.
const ALLOW_OOM = 'allow-oom';

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

/** `leave(k, m, p)`: takes the token out of a lock that others are in, and marks it; where nobody is left, drops the entry. */
const leaveLua = `
local function leave(k, m, p)
  local rest = {}
  for t in string.gmatch(string.sub(m, p + 1), '[^,!]+') do
    if t ~= ARGV[1] then rest[#rest + 1] = t end
  end
  if #rest == 0 then redis.call('DEL', k)
  else redis.call('HSET', k, '${MARKER}', string.sub(m, 1, p) .. table.concat(rest, ',') .. '!') end
end
`;

// Arguments: token, time to fill. Answers for each key its texts (false where there is none), or N (absent), F (yours to
// fill), B (busy), or T and the type of what was there in place of a hash. All in one JSON text, which costs the server and
// the client a fifth less than lists of Redis; what is asked for most is found out first.
const read = (epoch: string, size: string, values: string) =>
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
    redis.call('UNLINK', k)
  elseif m == 'N' .. mine then
    out[i] = 'N'
  else
    ${underLua}
    local p = m and string.sub(m, 1, 9) == 'L' .. tag and string.find(m, '|', 18, true)
    if p then
      local under = string.sub(m, -1) ~= '!' and valid(m, p)
      v[size] = nil
      out[i] = under == 'p' and v or under == 'n' and 'N' or 'B'
    elseif m == 'F' .. mine .. ARGV[1] then
      out[i] = 'F'
    elseif m and string.sub(m, 1, 17) == 'F' .. mine then
      out[i] = 'B'
    else
      redis.call('DEL', k)
      redis.call('HSET', k, '${MARKER}', 'F' .. mine .. ARGV[1])
      redis.call('PEXPIRE', k, ARGV[2])
      out[i] = 'F'
    end
  end
end
return cjson.encode(out)`);

// Arguments: token, lock time.
const begin = (epoch: string) =>
  luaScript(
    `${epoch}${markerLua}
local token, time = ARGV[1], ARGV[2]
for i = 1, #KEYS do
  local k = KEYS[i]
  local m = marker(k)
  local p = lock(m)
  if p then
    local held = false
    for t in string.gmatch(string.sub(m, p + 1), '[^,!]+') do held = held or t == token end
    if not held then
      if string.sub(m, -1) == '!' then m = string.sub(m, 1, -2) end
      redis.call('HSET', k, '${MARKER}', m .. ',' .. token .. '!')
    end
    redis.call('PEXPIRE', k, time, 'GT')
  else
    local under, till = m == 'P' .. mine and 'p' or m == 'N' .. mine and 'n' or 'c', 0
    if under == 'c' then redis.call('DEL', k) else till = redis.call('PEXPIRETIME', k) end
    redis.call('HSET', k, '${MARKER}', 'L' .. mine .. under .. string.format('%.0f', till) .. '|' .. token)
    redis.call('PEXPIRE', k, time)
  end
end
return #KEYS`,
    ALLOW_OOM,
  );

// Arguments: token, lock time.
const renew = (epoch: string) =>
  luaScript(
    `${epoch}${markerLua}
for i = 1, #KEYS do
  local m = marker(KEYS[i])
  local p = lock(m)
  if p then
    for t in string.gmatch(string.sub(m, p + 1), '[^,!]+') do
      if t == ARGV[1] then redis.call('PEXPIRE', KEYS[i], ARGV[2], 'GT') end
    end
  end
end
return #KEYS`,
    ALLOW_OOM,
  );

// Arguments: token, mode, then for each key its ttl, the count of its texts and these.
const commit = (epoch: string) =>
  luaScript(`${epoch}${markerLua}${underLua}${putLua}${leaveLua}
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
    leave(k, m, p)
  end
  at = at + 2 + math.max(count, 0)
end
return #KEYS`);

// Arguments: token.
const release = (epoch: string) =>
  luaScript(
    `${epoch}${markerLua}${leaveLua}
for i = 1, #KEYS do
  local m = marker(KEYS[i])
  local p = lock(m)
  if p then leave(KEYS[i], m, p) else redis.call('DEL', KEYS[i]) end
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
  const names = [...schema.kind.redisFields(schema, undefined), MARKER];
  const named = namedFieldsLua(names);
  const scripts: HotScripts = {
    readAll: named === undefined ? undefined : read(epoch, String(names.length), named),
    // Arguments from the third on: fields, marker field.
    read: read(`${epoch}${fieldsLua}`, '#ARGV - 2', 'fields(k, 3, #ARGV)'),
    begin: begin(epoch),
    renew: renew(epoch),
    commit: commit(epoch),
    release: release(epoch),
    fill: fill(epoch),
    drop: drop(epoch),
    discard: discard(epoch),
  };
  made.set(schema, scripts);
  return scripts;
}
