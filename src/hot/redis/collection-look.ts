import type { CollectionForm } from '../../core/kind.js';
import { SIZE } from './collection-shape.js';
import { onlyForeign } from './lua.js';
import { clockLua, isLockLua, underLua } from './marker.js';
import { nearLua } from './near-lua.js';
import { luaScript, type Script } from './script.js';
import type { Shape } from './shape.js';

/** Before the count of lists: each is one command that only looks where the key is. */
export const PLAIN = 'q';

// One script holds up everybody else's: all members of a larger collection are read from the durable store.
const MOST_WHOLE = 20_000;

// `ask(k, commands)`: the replies to the commands, and whether they prove that there are members; nothing where there is something of
// another type.
const askLua = `
local function ask(k, commands)
  local replies = {}
  for c = 1, #commands do
    local command = commands[c]
    local name, reply = command[1], nil
    if name == 'GEOSEARCH' then
      ${nearLua}
      reply = near(k, command[2], command[3])
    else
      reply = redis.pcall(name, k, unpack(ARGV, command[2], command[3]))
    end
    if type(reply) == 'table' and reply.err then
      ${onlyForeign('reply')}
      return
    end
    replies[c] = reply
  end
  local first = replies[1]
  if type(first) == 'table' then first = first[1] end
  return replies, first and first ~= 0 and not commands.scans
end
`;

// What most scripts are asked: one plain command of each key, of entries that are valid and have an answer. Nothing more is made
// ready for it, which halves its time.
const quickLua = `
if string.sub(ARGV[3], 1, 1) == '${PLAIN}' then
  local valid, at, step, out = 'P' .. mine, 5, ARGV[3] ~= '${PLAIN}1', {}
  for i = 1, #KEYS do
    local size = tonumber(ARGV[at])
    local reply = marks[i] == valid and redis.pcall(ARGV[at + 1], KEYS[i], unpack(ARGV, at + 2, at + 1 + size))
    local first = reply
    if type(reply) == 'table' then first = reply[1] end
    if not first or first == 0 then
      out = nil
      break
    end
    out[i] = { reply }
    if step then at = at + 3 + size end
  end
  if out then return cjson.encode(out) end
end
`;

// Answers for each key the list of replies to its commands, or N (absent), F (cold), B (busy), or T and the type of what was there
// in place of its members; all in one JSON text. Arguments: token, time to fill, the count of lists of commands; for each list their count
// (below 0 where they ask for all members: of too many they are not given, as if they were written),
// and for each of these the count of its arguments, its name and these; then for each key the number of its list, unless there is one
// for all, or one for each in their order. A letter before the count of lists says that each is one plain command, and that no numbers follow. `served` tells what is served of a lock, `foreign` removes what is of another type, `cold` decides about the rest.
const look = (
  { shape, type, epoch }: Looking,
  { served, foreign, cold }: { readonly served: string; readonly foreign: string; readonly cold: string },
) =>
  luaScript(`${epoch}
local homes = {}
for i = 1, #KEYS do
  local k = KEYS[i]
  homes[i] = ${shape.home}
end
local marks = redis.call('MGET', unpack(homes))
${quickLua}${askLua}
local at, lists = 4, {}
for i = 1, tonumber(string.match(ARGV[3], '%d+')) do
  local commands = {}
  at = at + 1
  local count = tonumber(ARGV[at - 1])
  commands.whole = count < 0
  for c = 1, math.abs(count) do
    local name, last = ARGV[at + 1], at + 1 + tonumber(ARGV[at])
    commands[c] = { name, at + 2, last }
    if name == 'ZSCAN' or name == 'SSCAN' then commands.scans = true end
    at = last + 1
  end
  lists[i] = commands
end
local P = 'P' .. mine
local out = {}
for i = 1, #KEYS do
  local k, m = KEYS[i], marks[i]
  local p, under, answer
  if m == P then
    under = 'p'
  elseif m == 'N' .. mine then
    under, answer = 'n', 'N'
  elseif m == 'E' .. mine then
    under = 'e'
  else
    ${isLockLua}${clockLua}${underLua(shape)}
    p = lock(m)
    if p then
      under = ${served}
      if under == 'n' then answer = 'N' end
    end
  end
  local commands = lists[tonumber(ARGV[at + i - 1] or #lists > 1 and i or 1)]
  local size = under and not answer and commands.whole and redis.pcall('${SIZE[type]}', k)
  if type(size) == 'number' and size > ${MOST_WHOLE} then
    answer = 'B'
  elseif under and not answer then
    local replies, sure = ask(k, commands)
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
    cold: `elseif m == 'F' .. mine .. ARGV[1] then
      answer = 'F'
    elseif m and string.sub(m, 1, 17) == 'F' .. mine then
      answer = 'B'
    else
      ${looking.shape.markAlone("'F' .. mine .. ARGV[1]", 'ARGV[2]')}
      answer = 'F'`,
  });

/** Likewise, without writing anything. */
export const peekCollections = (looking: Looking): Script =>
  look(looking, {
    served: 'nil',
    foreign: '',
    cold: `else
      answer = m and string.sub(m, 1, 17) == 'F' .. mine and 'B' or 'F'`,
  });
