import { epochLua, MARKER, markerLua, underLua } from './marker.js';
import { luaScript, type Script, UNPACK } from './script.js';

/** The steps of the fenced protocol for entries that are one Redis hash. The first argument of each is the fingerprint. */
export interface HotScripts {
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
const putLua = `
local function put(k, ttl, count, from)
  redis.call('DEL', k)
  if count < 0 then
    redis.call('HSET', k, '${MARKER}', 'N' .. mine)
  elseif count <= ${UNPACK} then
    redis.call('HSET', k, '${MARKER}', 'P' .. mine, unpack(ARGV, from, from + count - 1))
  else
    for at = from, from + count - 1, ${UNPACK} do
      redis.call('HSET', k, unpack(ARGV, at, math.min(at + ${UNPACK}, from + count) - 1))
    end
    redis.call('HSET', k, '${MARKER}', 'P' .. mine)
  end
  if ttl ~= '' then redis.call('PEXPIRE', k, ttl) end
end
`;

/** `fields(k, from, to)`: the texts of the fields named by the arguments, or what `pcall` makes of a fault. */
const fieldsLua = `
local function fields(k, from, to)
  if to - from < ${UNPACK} then return redis.pcall('HMGET', k, unpack(ARGV, from, to)) end
  local all, count = {}, 0
  for at = from, to, ${UNPACK} do
    local last = math.min(at + ${UNPACK} - 1, to)
    local part = redis.pcall('HMGET', k, unpack(ARGV, at, last))
    if part.err then return part end
    for i = 1, last - at + 1 do all[count + i] = part[i] end
    count = count + last - at + 1
  end
  return all
end
`;

// Arguments: fingerprint, token, time to fill, fields, marker field. Answers for each key: the texts, N, F, B (busy), or T
// and the type of what was there in place of a hash.
const read = luaScript(`${epochLua}${underLua}${fieldsLua}
local token, fillTime = ARGV[2], ARGV[3]
local size = #ARGV - 3
local P, N, F = 'P' .. mine, 'N' .. mine, 'F' .. mine
local out = {}
for i = 1, #KEYS do
  local k = KEYS[i]
  local v = fields(k, 4, size + 3)
  if v.err then
    out[i] = 'T' .. redis.call('TYPE', k).ok
    redis.call('UNLINK', k)
  else
    local m = v[size]
    if m == P then
      v[size] = nil
      out[i] = v
    elseif m == N then
      out[i] = 'N'
    else
      local p = m and string.sub(m, 1, 9) == 'L' .. tag and string.find(m, '|', 18, true)
      if p then
        local under = string.sub(m, -1) ~= '!' and valid(m, p)
        if under == 'p' then
          v[size] = nil
          out[i] = v
        else
          out[i] = under == 'n' and 'N' or 'B'
        end
      elseif m == F .. token then
        out[i] = 'F'
      elseif m and string.sub(m, 1, 17) == F then
        out[i] = 'B'
      else
        redis.call('DEL', k)
        redis.call('HSET', k, '${MARKER}', F .. token)
        redis.call('PEXPIRE', k, fillTime)
        out[i] = 'F'
      end
    end
  end
end
return out`);

// Arguments: fingerprint, token, lock time.
const begin = luaScript(
  `${epochLua}${markerLua}
local token, time = ARGV[2], ARGV[3]
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
    local under, till = 'c', 0
    local state = m and string.sub(m, 2, 17) == mine and string.sub(m, 1, 1)
    if state == 'P' or state == 'N' then
      under, till = string.lower(state), redis.call('PEXPIRETIME', k)
    else
      redis.call('DEL', k)
    end
    redis.call('HSET', k, '${MARKER}', 'L' .. mine .. under .. string.format('%.0f', till) .. '|' .. token)
    redis.call('PEXPIRE', k, time)
  end
end
return #KEYS`,
  ALLOW_OOM,
);

// Arguments: fingerprint, token, lock time.
const renew = luaScript(
  `${epochLua}${markerLua}
for i = 1, #KEYS do
  local m = marker(KEYS[i])
  local p = lock(m)
  if p then
    for t in string.gmatch(string.sub(m, p + 1), '[^,!]+') do
      if t == ARGV[2] then redis.call('PEXPIRE', KEYS[i], ARGV[3], 'GT') end
    end
  end
end
return #KEYS`,
  ALLOW_OOM,
);

/** `leave(k, m, p)`: takes the token out of a lock that others are in, and marks it; where nobody is left, drops the entry. */
const leaveLua = `
local function leave(k, m, p)
  local rest = {}
  for t in string.gmatch(string.sub(m, p + 1), '[^,!]+') do
    if t ~= ARGV[2] then rest[#rest + 1] = t end
  end
  if #rest == 0 then redis.call('DEL', k)
  else redis.call('HSET', k, '${MARKER}', string.sub(m, 1, p) .. table.concat(rest, ',') .. '!') end
end
`;

// Arguments: fingerprint, token, mode, then for each key its ttl, the count of its texts and these.
const commit = luaScript(`${epochLua}${markerLua}${underLua}${putLua}${leaveLua}
local token, mode = ARGV[2], ARGV[3]
local at = 4
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

// Arguments: fingerprint, token.
const release = luaScript(
  `${epochLua}${markerLua}${leaveLua}
for i = 1, #KEYS do
  local m = marker(KEYS[i])
  local p = lock(m)
  if p then leave(KEYS[i], m, p) else redis.call('DEL', KEYS[i]) end
end
return #KEYS`,
  ALLOW_OOM,
);

// Arguments: fingerprint, token, then for each key its ttl, the count of its texts and these.
const fill = luaScript(`${epochLua}${markerLua}${putLua}
local at = 3
for i = 1, #KEYS do
  local count = tonumber(ARGV[at + 1])
  if marker(KEYS[i]) == 'F' .. mine .. ARGV[2] then put(KEYS[i], ARGV[at], count, at + 2) end
  at = at + 2 + math.max(count, 0)
end
return #KEYS`);

// Arguments: fingerprint.
const drop = luaScript(
  `${epochLua}${markerLua}
for i = 1, #KEYS do
  local m = marker(KEYS[i])
  if lock(m) then dirty(KEYS[i], m) else redis.call('DEL', KEYS[i]) end
end
return #KEYS`,
  ALLOW_OOM,
);

// Drops one entry where it still reads as the reader found it. Arguments: fingerprint, count of fields, the fields, then for
// each its text after `=`, or nothing where it was absent.
const discard = luaScript(
  `${epochLua}${markerLua}${fieldsLua}
local k, size = KEYS[1], tonumber(ARGV[2])
local m = marker(k)
local locked = lock(m)
if not locked and m ~= 'P' .. mine then return 0 end
local v = size == 0 and {} or fields(k, 3, size + 2)
for i = 1, size do
  if ARGV[2 + size + i] ~= (v[i] and '=' .. v[i] or '') then return 0 end
end
if locked then dirty(k, m) else redis.call('DEL', k) end
return 1`,
  ALLOW_OOM,
);

/** The scripts of entries that are one Redis hash: marker and fields in one key. */
export const hashScripts: HotScripts = { read, begin, renew, commit, release, fill, drop, discard };
