import type { CollectionQuery } from '../../core/collection.js';
import type { CollectionForm } from '../../core/kind.js';
import { UNPACK } from '../../hot/redis/lua.js';

/** The arguments that ask a collection `query`, for {@link askLua}: how many commands, and of each how many words and these. */
export function askArgs(form: CollectionForm, query: CollectionQuery | undefined): string[] {
  const commands = asksNothing(query) ? [] : form.ask(query);
  return [String(commands.length), ...commands.flatMap((command) => [String(command.length), ...command])];
}

// Redis refuses commands without their last arguments.
const asksNothing = (query: CollectionQuery | undefined): boolean =>
  (query?.type === 'scores' && query.texts.length === 0) || (query?.type === 'near' && query.limit === 0);

// How many more than are asked for are fetched at first, to see whether the next one is as far away.
const MORE = 4;

/**
 * `ask(k, at)`: the replies to the commands that the arguments from `at` on give, in order; of a collection that is not there,
 * as of an empty one. Redis chooses among members of one distance as it likes: so as many come as there are of the last one's.
 */
export const askLua = `
local function near(k, from, last)
  local args = { unpack(ARGV, from, last) }
  local at = args[#args] == 'WITHHASH' and #args - 2 or #args
  local limit = args[at - 1] == 'COUNT' and tonumber(args[at])
  local most = limit and limit + ${MORE}
  local found
  repeat
    if limit then args[at] = string.format('%.0f', most) end
    found = redis.pcall('GEOSEARCH', k, unpack(args))
    if found.err then
      if string.find(found.err, 'could not decode', 1, true) then return {} end
      error(found.err)
    end
    local all = not limit or #found < most or found[most][2] ~= found[limit][2]
    most = limit and most * 2
  until all
  for i = 1, #found do found[i][3] = string.format('%.0f', found[i][3]) end
  return found
end
local function ask(k, at)
  local replies = {}
  for n = 1, tonumber(ARGV[at]) do
    local count, name = tonumber(ARGV[at + 1]), ARGV[at + 2]
    local from, last = at + 3, at + 1 + count
    if name == 'GEOSEARCH' then
      replies[n] = near(k, from, last)
    elseif last - from < ${UNPACK} then
      replies[n] = redis.call(name, k, unpack(ARGV, from, last))
    else
      -- Only what answers for each of its arguments has so many.
      local all = {}
      for first = from, last, ${UNPACK} do
        local part = redis.call(name, k, unpack(ARGV, first, math.min(first + ${UNPACK - 1}, last)))
        for i = 1, #part do all[#all + 1] = part[i] end
      end
      replies[n] = all
    end
    at = at + 1 + count
  end
  return replies
end
`;
