import { luaText } from './lua.js';

// A marker is one text beside the value: a letter, the epoch (8), the schema's fingerprint (8), then
//   P                valid                       N                known not to exist
//   F token          being filled
//   L under until|token[,token…][!]              being written: what lies under it (p, n, c), until when it was valid
//                                                (milliseconds since 1970, -1 for ever), who writes, ! for more than one
// A marker of another epoch is none; one of another fingerprint is none either, but its lock counts.

/** The field of an entry's hash that holds its marker. */
export const MARKER = '~';

/**
 * Puts the epoch into `tag`, and both that markers carry into `mine`. The epoch changes whenever this Redis may have lost
 * writes, which is on a start from disk and on a promotion; it is read in the same step as the data, so that no client can
 * trust data of before.
 */
export function epochLua(fingerprint: string): string {
  return `
local info = redis.call('INFO', 'replication')
local at = string.find(info, 'master_replid:', 1, true)
if not at then return redis.error_reply('ERR no master_replid in INFO replication') end
local tag = string.sub(info, at + 14, at + 21)
local mine = tag .. ${luaText(fingerprint)}
`;
}

/** `marker(k)`: the marker or false; whatever is no hash is removed. `lock(m)`: where the tokens of a lock are preceded by `|`. */
export const markerLua = `
local function marker(k)
  local m = redis.pcall('HGET', k, '${MARKER}')
  if type(m) ~= 'table' then return m end
  redis.call('UNLINK', k)
  return false
end
local function lock(m)
  if m and string.sub(m, 1, 9) == 'L' .. tag then return string.find(m, '|', 18, true) end
end
local function dirty(k, m)
  if string.sub(m, -1) ~= '!' then redis.call('HSET', k, '${MARKER}', m .. '!') end
end
`;

/** `valid(m, p)`: `p` or `n` where a value or a known absence still lies under the lock `m`, whose tokens `|` at `p` precedes. */
export const underLua = `
local function valid(m, p)
  local under = string.sub(m, 18, 18)
  if under == 'c' or string.sub(m, 2, 17) ~= mine then return end
  local till = tonumber(string.sub(m, 19, p - 1))
  if till >= 0 then
    local now = redis.call('TIME')
    if tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000) >= till then return end
  end
  return under
end
`;
