import type { CollectionQuery } from '../../core/collection.js';
import type { CollectionForm } from '../../core/kind.js';
import { UNPACK } from '../../hot/redis/lua.js';
import { nearLua } from '../../hot/redis/near-lua.js';

/** The arguments that ask a collection `query`, for {@link askLua}: how many commands, and of each how many words and these. */
export function askArgs(form: CollectionForm, query: CollectionQuery | undefined): string[] {
  const commands = asksNothing(query) ? [] : form.ask(query);
  return [String(commands.length), ...commands.flatMap((command) => [String(command.length), ...command])];
}

// Redis refuses commands without their last arguments.
const asksNothing = (query: CollectionQuery | undefined): boolean =>
  (query?.type === 'scores' && query.texts.length === 0) || (query?.type === 'near' && query.limit === 0);

/**
 * `ask(k, at)`: the replies to the commands that the arguments from `at` on give, in order; of a collection that is not there,
 * as of an empty one.
 */
export const askLua = `
local function ask(k, at)
  local replies = {}
  for n = 1, tonumber(ARGV[at]) do
    local count, name = tonumber(ARGV[at + 1]), ARGV[at + 2]
    local from, last = at + 3, at + 1 + count
    if name == 'GEOSEARCH' then
      ${nearLua}
      replies[n] = near(k, from, last)
      if replies[n].err then error(replies[n]) end
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
