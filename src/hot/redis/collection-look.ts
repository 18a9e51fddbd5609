import type { CollectionForm } from '../../core/kind.js';
import { clockLua, isLockLua, underLua } from './marker.js';
import { luaScript, type Script } from './script.js';
import type { Shape } from './shape.js';

// `ask(k, commands)`: the replies of the commands, and whether they prove that there are members; or, of another type, nothing.
// A geohash has more digits than JSON keeps of a number here.
const askLua = `
local function near(k, from, to)
  local args = { unpack(ARGV, from, to) }
  local limit = args[#args - 1] == 'COUNT' and tonumber(args[#args])
  local count = limit and limit + 1
  while true do
    if count then args[#args] = count end
    local found = redis.pcall('GEOSEARCH', k, unpack(args))
    if found.err then
      if string.find(found.err, 'could not decode requested zset member', 1, true) then return {} end
      return found
    end
    if not count or #found < count or found[count][2] ~= found[limit][2] then
      for i = 1, #found do found[i][3] = string.format('%.0f', found[i][3]) end
      return found
    end
    count = 2 * count
  end
end
local function ask(k, commands)
  local replies = {}
  for c = 1, #commands do
    local command = commands[c]
    local name, from, to, reply = command[1], command[2], command[3]
    if name == 'GEOSEARCH' then reply = near(k, from, to) else reply = redis.pcall(name, k, unpack(ARGV, from, to)) end
    if type(reply) == 'table' and reply.err then
      if string.sub(reply.err, 1, 9) ~= 'WRONGTYPE' then error(reply) end
      return
    end
    replies[c] = reply
  end
  local first = replies[1]
  if type(first) == 'table' then first = first[1] end
  return replies, first and first ~= 0 and not commands.scans
end
`;

// Answers for each key the list of replies to its commands, or N (absent), F (cold), B (busy), or T and the type of what was there
// in place of its members; all in one JSON text. Arguments: token, time to fill, the count of lists of commands; for each list their count,
// and for each of these the count of its arguments, its name and these; then for each key the number of its list, where there
// are several. `served` tells what is served of a lock, `foreign` removes what is of another type, `cold` decides about the rest.
const look = (
  { shape, type, epoch }: Looking,
  { served, foreign, cold }: { readonly served: string; readonly foreign: string; readonly cold: string },
) =>
  luaScript(`${epoch}${isLockLua}${clockLua}${underLua(shape)}${askLua}
local P, E, N, F = 'P' .. mine, 'E' .. mine, 'N' .. mine, 'F' .. mine
local at, lists = 4, {}
for i = 1, tonumber(ARGV[3]) do
  local commands = {}
  at = at + 1
  for c = 1, tonumber(ARGV[at - 1]) do
    local last = at + 1 + tonumber(ARGV[at])
    commands[c] = { ARGV[at + 1], at + 2, last }
    if string.find(ARGV[at + 1], 'SCAN', 1, true) then commands.scans = true end
    at = last + 1
  end
  lists[i] = commands
end
local homes = {}
for i = 1, #KEYS do
  local k = KEYS[i]
  homes[i] = ${shape.home}
end
local marks = redis.call('MGET', unpack(homes))
local one = not ARGV[at] and lists[1]
local out = {}
for i = 1, #KEYS do
  local k, m, p = KEYS[i], marks[i], nil
  local under = m == P and 'p' or m == N and 'n' or m == E and 'e'
  if not under then
    p = lock(m)
    if p then under = ${served} end
  end
  local answer
  if under == 'n' then
    answer = 'N'
  elseif under then
    local replies, sure = ask(k, one or lists[tonumber(ARGV[at + i - 1])])
    if under == 'p' and sure then
      answer = replies
    else
      local found = redis.call('TYPE', k).ok
      if found == 'none' then
        if under == 'e' then answer = replies end
      elseif found ~= '${type}' then
        answer = 'T' .. found
        ${foreign}
      elseif under == 'p' then
        answer = replies
      end
    end
  end
  if not answer then
    if p then
      answer = 'B'
    ${cold}
    end
  end
  out[i] = answer
end
return cjson.encode(out)`);

interface Looking {
  readonly shape: Shape;
  readonly type: CollectionForm['type'];
  readonly epoch: string;
}

/** Reads parts of collections, and takes the right to fill those that are cold. */
export const readCollections = (looking: Looking): Script =>
  look(looking, {
    served: 'served(k, m, p)',
    foreign: `redis.call('UNLINK', k)`,
    cold: `elseif m == F .. ARGV[1] then
      answer = 'F'
    elseif m and string.sub(m, 1, 17) == F then
      answer = 'B'
    else
      ${looking.shape.markAlone('F .. ARGV[1]', 'ARGV[2]')}
      answer = 'F'`,
  });

/** Likewise, without writing anything. */
export const peekCollections = (looking: Looking): Script =>
  look(looking, {
    served: 'nil',
    foreign: '',
    cold: `else
      answer = m and string.sub(m, 1, 17) == F and 'B' or 'F'`,
  });
