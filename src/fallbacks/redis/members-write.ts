import { UNPACK, unkeepLua } from '../../hot/redis/lua.js';
import { COMPANION, digestLua, thereLua } from './companion.js';

// What `writeScript` has beside what is there for rows, where a write is about collections too.
//
// Checks: members, the type that it must be of (empty: any), and one of
//   -                    nothing more
//   none                 there is no collection
//   unlike, text, score  the member does not have this score
//   same, digest         it is as it was read
// Change: members, how many steps, and of each
//   put, until, command, count, arguments        the collection becomes these
//   delete
//   add, until, command, limit, count, arguments
//   remove, command, count, texts
//   increment, until, limit, text, by
//   push, until, command, limit, count, texts
//   pop, command
// Each step answers whether there was one (1, 0), until when it lives, and what the step has to tell.

/** `checkMembers(k)` */
export const checkMembersLua = `${thereLua}${digestLua}
local ALL = { zset = { 'ZRANGE', 0, -1, 'WITHSCORES' }, list = { 'LRANGE', 0, -1 }, set = { 'SMEMBERS' } }
local function checkMembers(k)
  local want, how = take(), take()
  local type = redis.call('TYPE', k).ok
  if want ~= '' and type ~= 'none' and type ~= want then return 'T' .. type end
  if how == 'none' then return (type ~= 'none' or there(k)) and 'exists' or nil end
  if how == 'unlike' then return redis.call('ZSCORE', k, take()) == take() and 'invalid' or nil end
  if how == 'same' then
    local as, all = take(), ALL[want]
    if not there(k) or digest(k, redis.call(all[1], k, unpack(all, 2))) ~= as then return 'changed' end
  end
end
`;

/** `readSteps()`: the steps of a change, of which only the places of long lists are taken. */
export const readStepsLua = `
local STEPS = {
  put = { 'till', 'command', 'count' },
  delete = {},
  add = { 'till', 'command', 'limit', 'count' },
  remove = { 'command', 'count' },
  increment = { 'till', 'limit', 'text', 'by' },
  push = { 'till', 'command', 'limit', 'count' },
  pop = { 'command' },
}
local function readSteps()
  local steps = {}
  for n = 1, tonumber(take()) do
    local step = { name = take() }
    for _, part in ipairs(STEPS[step.name]) do step[part] = take() end
    if step.count then
      step.count = tonumber(step.count)
      step.from = skip(step.count)
    end
    steps[n] = step
  end
  return steps
end
`;

/** `run[name](k, step)`: makes a step, and gives what it answers. */
export const runStepsLua = `${unkeepLua}
local function before(k, till)
  local now, empty = there(k)
  if now then return 1, now, empty end
  return 0, till ~= '' and till or -1, false
end
-- The companion comes and goes with the last member, and ends when the members would.
local function after(k, existed, till, empty)
  till = tonumber(till) > 0 and string.format('%.0f', till) or nil
  if redis.call('EXISTS', k) == 1 then
    if empty or existed == 0 then
      redis.call('DEL', k .. '${COMPANION}')
      if till then redis.call('PEXPIREAT', k, till) end
    end
  elseif not empty then
    redis.call('SET', k .. '${COMPANION}', 'E')
    if till then redis.call('PEXPIREAT', k .. '${COMPANION}', till) end
  end
  return till or ''
end
-- What every so-manieth of the arguments is in the collection: its score, 0 of a set, or false.
local function found(k, scored, from, count, every)
  local all = {}
  for first = from, from + count - 1, ${UNPACK} do
    local texts = {}
    for at = first, math.min(first + ${UNPACK}, from + count) - 1, every do texts[#texts + 1] = ARGV[at + every - 1] end
    local part = redis.call(scored and 'ZMSCORE' or 'SMISMEMBER', k, unpack(texts))
    for i = 1, #part do all[#all + 1] = part[i] ~= 0 and part[i] end
  end
  return all
end
local function flags(scores)
  local all = {}
  for i = 1, #scores do all[i] = scores[i] and '1' or '0' end
  return table.concat(all)
end
local function trim(k, limit)
  local over = limit == '' and 0 or redis.call('ZCARD', k) - limit
  if over <= 0 then return {} end
  local popped, gone = redis.call('ZPOPMIN', k, over), {}
  for i = 1, #popped, 2 do gone[#gone + 1] = popped[i] end
  return gone
end
-- Runs a command in as many pieces as it takes; gives the sum of what they answer.
local function send(command, k, from, count)
  local sum = 0
  for at = from, from + count - 1, ${UNPACK} do
    sum = sum + redis.call(command, k, unpack(ARGV, at, math.min(at + ${UNPACK}, from + count) - 1))
  end
  return sum
end
local run = {}
function run.put(k, step)
  local existed = there(k) and 1 or 0
  redis.call('UNLINK', k, k .. '${COMPANION}')
  send(step.command, k, step.from, step.count)
  unkeep(k, ARGV[step.from + 1])
  return { existed, after(k, 0, step.till ~= '' and step.till or -1, false) }
end
run['delete'] = function(k)
  local existed = there(k) and 1 or redis.call('EXISTS', k)
  redis.call('UNLINK', k, k .. '${COMPANION}')
  return { existed }
end
function run.add(k, step)
  local existed, till, empty = before(k, step.till)
  local first = ARGV[step.from + 1]
  local kept = step.command == 'ZADD' and keeps(first) and 1 or 0
  local was = step.limit ~= '' and found(k, true, step.from + 2 * kept, step.count - 2 * kept, 2) or {}
  if step.command == 'ZADD' then
    -- To Redis 0 and -0 are no change of each other.
    for at = step.from, step.from + step.count - 1, 2 do
      if ARGV[at] == '0' or ARGV[at] == '-0' then redis.call('ZADD', k, 'XX', 1, ARGV[at + 1]) end
    end
  end
  local new = send(step.command, k, step.from, step.count) - kept
  unkeep(k, first)
  local gone = trim(k, step.limit)
  return { existed, after(k, existed, till, empty), new, flags(was), gone }
end
function run.remove(k, step)
  local till, empty = there(k)
  if not till then return { 0 } end
  local was = found(k, step.command == 'ZREM', step.from, step.count, 1)
  send(step.command, k, step.from, step.count)
  return { 1, after(k, 1, till, empty), flags(was) }
end
function run.increment(k, step)
  local existed, till, empty = before(k, step.till)
  local old = redis.call('ZSCORE', k, step.text)
  local sum = redis.call('ZINCRBY', k, step.by, step.text)
  if old == '-0' and tonumber(sum) == 0 then
    redis.call('ZADD', k, 'XX', 1, step.text)
    redis.call('ZADD', k, 'XX', sum, step.text)
  end
  local gone = trim(k, step.limit)
  return { existed, after(k, existed, till, empty), sum, old and '1' or '0', gone }
end
function run.push(k, step)
  local existed, till, empty = before(k, step.till)
  send(step.command, k, step.from, step.count)
  local length = redis.call('LLEN', k)
  local over = step.limit == '' and 0 or math.max(0, length - step.limit)
  if over > 0 then
    if step.command == 'RPUSH' then redis.call('LTRIM', k, over, -1) else redis.call('LTRIM', k, 0, -1 - over) end
  end
  return { existed, after(k, existed, till, empty), length - over, over }
end
function run.pop(k, step)
  local till, empty = there(k)
  if not till then return { 0 } end
  local item = redis.call(step.command, k)
  return { 1, after(k, 1, till, empty), item }
end
`;
