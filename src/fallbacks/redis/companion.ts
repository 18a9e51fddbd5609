import { onlyForeign } from '../../hot/redis/lua.js';

/** What the key of a collection is followed by in the name of its companion, which says of an empty one that it exists. */
export const COMPANION = '~';

/**
 * `there(k)`: until when the collection lives, -1 for ever, nothing where there is none; and whether it is without members, so
 * that Redis keeps nothing but its companion.
 */
export const thereLua = `
local function there(k)
  local till = redis.call('PEXPIRETIME', k)
  if till ~= -2 then return till, false end
  local said = redis.pcall('GET', k .. '${COMPANION}')
  if type(said) == 'table' then ${onlyForeign('said')} end
  if said == 'E' then return redis.call('PEXPIRETIME', k .. '${COMPANION}'), true end
end
`;

/** `digest(k, replies)`: a text that is the same as long as the collection and its end are. */
export const digestLua = `
local function digest(k, members)
  return redis.sha1hex(cjson.encode({ members, string.format('%.0f', (there(k))) }))
end
`;
