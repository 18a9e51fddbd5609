import type { Shape } from './shape.js';

/** `alone(m, p, token)`: whether the lock `m`, marked or not, is this token's alone. */
export const aloneLua = `
local function alone(m, p, token)
  local last = p + #token
  if string.sub(m, p + 1, last) ~= token then return false end
  local after = string.sub(m, last + 1, last + 1)
  return after == '' or after == '!' or after == ':' and not string.find(m, ',', last, true)
end
`;

/**
 * What is done to the tokens of a lock `m`, which `|` at `p` precedes; after `clockLua` and the shape's `marker`.
 *
 * `lengthen(k, m, p, token, time)`: true where the lock is this token's alone, which then has `time` left, or more.
 * `alter(k, m, p, token, time, own, clean)`: purges who has ended, and takes the token out of the lock; or, given a time, joins: with its
 * members' hashes after `:` in `own`, nothing for all; who is in the lock still lasts so long. Marks the lock, unless it may stay `clean`
 * and nobody had ended, nor met the one who joined. Where nobody is left, drops the entry.
 * `leave(k, m, p, token)`: takes the token out, and marks.
 */
export const lockLua = ({ home, mark, expire, expireAt, drop }: Shape): string => `${aloneLua}
local function lengthen(k, m, p, token, time)
  if not alone(m, p, token) then return false end
  ${expire('time', 'GT')}
  return true
end
local function meets(mine, theirs)
  if mine == '' or theirs == '' then return true end
  for hash in string.gmatch(mine, '[^:.]+') do
    if string.find(theirs, '.' .. hash .. '.', 1, true) then return true end
  end
  return false
end
local function alter(k, m, p, token, time, own, clean)
  local now = clock()
  local till, last, list, met, was = own and now + time, 0, {}, false, false
  clean = clean and string.sub(m, -1) ~= '!'
  local function put(t, ends, of)
    last = math.max(last, ends)
    list[#list + 1] = { t, '@' .. string.format('%.0f', ends), of }
  end
  for t, e, of in string.gmatch(string.sub(m, p + 1), '([^,@!:]+)@?(%d*)(:?[^,!]*)') do
    local ends = e == '' and redis.call('PEXPIRETIME', ${home}) or tonumber(e)
    if ends <= now then
      clean = false
    elseif t ~= token then
      put(t, ends, of)
      met = met or own and meets(own, of)
    elseif time then
      till, own, was = math.max(ends, now + time), of, true
    end
  end
  if till then put(token, till, own) end
  if #list == 0 then return ${drop} end
  if #list == 1 then list[1][2] = '' end
  for i = 1, #list do list[i] = table.concat(list[i]) end
  local marked = clean and (was or not met) and '' or '!'
  ${mark("string.sub(m, 1, p) .. table.concat(list, ',') .. marked")}
  ${expireAt("string.format('%.0f', last)")}
end
local function leave(k, m, p, token)
  if string.sub(m, p + 1) == token then ${drop} else alter(k, m, p, token) end
end
`;

/**
 * After `lockLua`: `prolong(k, m, p, first, last, time)`: lets those of the tokens among the arguments from `first` to `last` that are
 * still in the lock of several `m` have `time` left, or more. Takes the lock apart but once, however many they are.
 */
export const prolongLua = ({ mark, expireAt, drop }: Shape): string => `
local function prolong(k, m, p, first, last, time)
  local now, final, list, mine = clock(), 0, {}, {}
  local marked = string.sub(m, -1) == '!'
  for n = first, last do mine[ARGV[n]] = true end
  for t, e, of in string.gmatch(string.sub(m, p + 1), '([^,@!:]+)@(%d+)(:?[^,!]*)') do
    local ends = tonumber(e)
    if now >= ends then
      marked = true
    else
      if mine[t] then ends = math.max(ends, now + time) end
      final = math.max(final, ends)
      list[#list + 1] = t .. '@' .. string.format('%.0f', ends) .. of
    end
  end
  if not list[1] then return ${drop} end
  if not list[2] then list[1] = string.gsub(list[1], '@%d+', '', 1) end
  ${mark("string.sub(m, 1, p) .. table.concat(list, ',') .. (marked and '!' or '')")}
  ${expireAt("string.format('%.0f', final)")}
end
`;

/**
 * What many writers of one collection do most, without taking each other's tokens apart, after `lockLua`.
 *
 * `slowest(m, p, rest)`: `m` and `p` of the lock with no less than so many milliseconds left to the key for it to be served.
 * `append(k, m, p, token, time, own)`: true where the lock is one of several that is not marked, none of whom this one meets, and he
 * has joined: who writes all is in no such lock. Who has ended stays in it: whoever looks at it next sees that.
 */
export const joinLua = ({ mark, expire }: Shape): string => `
local function slowest(m, p, rest)
  local from, to, had = string.find(m, '/(%d+)|', 19)
  if tonumber(had) >= tonumber(rest) then return m, p end
  return string.sub(m, 1, from) .. rest .. string.sub(m, to), p + #rest - #had
end
local function append(k, m, p, token, time, own)
  if own == '' or string.sub(m, -1) == '!' or not string.find(m, ',', p, true) then return false end
  if string.find(',' .. string.sub(m, p + 1), ',' .. token .. '@', 1, true) then return false end
  for hash in string.gmatch(own, '[^:.]+') do
    if string.find(m, '.' .. hash .. '.', p, true) then return false end
  end
  ${mark("m .. ',' .. token .. '@' .. string.format('%.0f', clock() + time) .. own")}
  ${expire('time', 'GT')}
  return true
end
`;

/**
 * After `aloneLua` and `clockLua`: `others(m, p, token)`: nothing where the token is not in the lock, or somebody in it has ended; else how
 * many others are in it, when the last of them ends, and the lock without the token.
 */
export const othersLua = `
local function others(m, p, token)
  if not string.find(m, ',', p, true) then return alone(m, p, token) and 0 end
  local list = ',' .. string.sub(m, p + 1) .. ','
  local from = string.find(list, ',' .. token .. '@', 1, true)
  if not from then return end
  local to = string.find(list, ',', from + 1, true)
  local rest = string.sub(list, 1, from - 1) .. string.sub(list, to, -2)
  local now, count, last = clock(), 0, 0
  if tonumber(string.match(list, '^%d+', from + #token + 2)) <= now then return end
  for e in string.gmatch(rest, '@(%d+)') do
    local ends = tonumber(e)
    if ends <= now then return end
    count, last = count + 1, math.max(last, ends)
  end
  return count, last, string.sub(m, 1, p) .. string.sub(rest, 2)
end
`;
