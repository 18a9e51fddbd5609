import { luaText } from './lua.js';
import type { Shape } from './shape.js';

// A marker is one text beside the value, in the same key (how is told by its shape, shape.ts): a letter, the epoch (8), the schema's fingerprint (8), then
//   P                valid                       N                known not to exist
//   E                valid, and without members  F token          being filled
//   L under until/rest|token[!]                  being written: what lies under it (p, e, n, c), until when it was valid
//                                                (milliseconds since 1970, -1 for ever), how many milliseconds the key must
//                                                have left for it to be served, who writes, ! where others did too
//   L under until/rest|token@end,token@end[,…][!]  being written by several, and until when each may
// Of who writes but some members, `:` and their hashes (member-hash.ts), each between `.`, follow the token, or its end.
// The key ends with its lock: of a writer alone that is his own end, which costs him nothing, of several the last one's.
// A marker of another epoch is none; one of another fingerprint is none either, but its lock counts.
// A collection lies under its key in a type of its own. Its marker is a string under that key and `~`, and ends with it; what has
// no marker is nothing, and `P` without members to it is cold: Redis has evicted them.

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

/** `lock(m)`: where the tokens of a lock are preceded by `|`; nothing where `m` is none. */
export const isLockLua = `
local function lock(m)
  if m and string.sub(m, 1, 9) == 'L' .. tag then return string.find(m, '|', 18, true) end
end
`;

/** `clock()`: milliseconds since 1970. */
export const clockLua = `
local function clock()
  local now = redis.call('TIME')
  return tonumber(now[1]) * 1000 + math.floor(tonumber(now[2]) / 1000)
end
`;

/**
 * After `clockLua`, of a lock `m` whose tokens `|` at `p` precedes: `valid(m, p)` is `p`, `e` or `n` where a value or a known absence
 * still lies under it, `served(k, m, p)` the same while all its writers show that they live.
 */
export const underLua = ({ home }: Pick<Shape, 'home'>): string => `
local function valid(m, p)
  local under = string.sub(m, 18, 18)
  if under == 'c' or string.sub(m, 2, 17) ~= mine then return end
  local till = tonumber(string.match(m, '^-?%d+', 19))
  if till >= 0 and clock() >= till then return end
  return under
end
local function served(k, m, p)
  if string.sub(m, -1) == '!' then return end
  local rest = tonumber(string.match(m, '/(%d+)|', 19))
  if string.find(m, ',', p, true) then
    local now = clock()
    for ends in string.gmatch(string.sub(m, p), '@(%d+)') do
      if tonumber(ends) - now < math.max(rest, 1) then return end
    end
  elseif redis.call('PTTL', ${home}) < rest then return end
  return valid(m, p)
end
`;
