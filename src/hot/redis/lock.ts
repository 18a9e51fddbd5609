import type { Shape } from './shape.js';

/**
 * What is done to the tokens of a lock `m`, which `|` at `p` precedes; after `clockLua` and the shape's `marker`.
 *
 * `lengthen(k, m, p, token, time)`: true where the lock is this token's alone, which then has `time` left, or more.
 * `alter(k, m, p, token, time, join)`: purges who has ended, marks the lock, and takes the token out of it; or, given a
 * time, lets it last so long where it is in the lock still, or joins; where nobody is left, drops the entry.
 * `leave(k, m, p, token)`: takes the token out.
 */
export const lockLua = ({ mark }: Shape): string => `
local function lengthen(k, m, p, token, time)
  local held = string.sub(m, p + 1)
  if held ~= token and held ~= token .. '!' then return false end
  redis.call('PEXPIRE', k, time, 'GT')
  return true
end
local function alter(k, m, p, token, time, join)
  local now = clock()
  local till, last, list = join and now + time, 0, {}
  local function put(t, ends)
    last = math.max(last, ends)
    list[#list + 1] = t .. '@' .. string.format('%.0f', ends)
  end
  for t, e in string.gmatch(string.sub(m, p + 1), '([^,@!]+)@?(%d*)') do
    local ends = e == '' and redis.call('PEXPIRETIME', k) or tonumber(e)
    if t == token then
      if join or time and ends > now then till = math.max(ends, now + time) end
    elseif ends > now then
      put(t, ends)
    end
  end
  if till then put(token, till) end
  if #list == 0 then return redis.call('DEL', k) end
  local held = #list == 1 and string.match(list[1], '[^@]+') or table.concat(list, ',')
  ${mark("string.sub(m, 1, p) .. held .. '!'")}
  redis.call('PEXPIREAT', k, string.format('%.0f', last))
end
local function leave(k, m, p, token)
  if string.sub(m, p + 1) == token then redis.call('DEL', k) else alter(k, m, p, token) end
end
`;
