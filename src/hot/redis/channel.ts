import type { Schema } from '../../core/schema.js';
import { keyPrefix } from './key.js';

// Each entity has a channel: what its keys in Redis start with, up to their braces, and a word. So a client's key prefix is in
// it as well. A message is the ids of the entries, between which stands what no id contains.
const WORD = 'changed';
const BETWEEN = '}';

/** The channel of an entity; `clientPrefix` is what the client puts before its keys. */
export function channelOf(clientPrefix: string, namespace: string, schema: Schema): string {
  return clientPrefix + keyPrefix(namespace, schema).slice(0, -1) + WORD;
}

/** The ids of a message. */
export function idsOf(message: string): string[] {
  return message === '' ? [] : message.split(BETWEEN);
}

/** Tells of all keys of a script, which are of one entity. An id has no braces, whatever a prefix may have. */
export const tellAllLua = `
do
  local prefix = string.match(KEYS[1], '^(.*){')
  local from, ids = #prefix + 2, {}
  for i = 1, #KEYS do ids[i] = string.sub(KEYS[i], from, -2) end
  redis.call('PUBLISH', prefix .. '${WORD}', table.concat(ids, '${BETWEEN}'))
end
`;

/** `tell(wanted)`: tells of those keys of a script, whatever their entities, for which `wanted(i)` is true. */
export const tellLua = `
local function tell(wanted)
  local told = {}
  for i = 1, #KEYS do
    if wanted(i) then
      local prefix, id = string.match(KEYS[i], '^(.*){(.*)}$')
      local ids = told[prefix] or {}
      ids[#ids + 1] = id
      told[prefix] = ids
    end
  end
  for prefix, ids in pairs(told) do redis.call('PUBLISH', prefix .. '${WORD}', table.concat(ids, '${BETWEEN}')) end
end
`;
