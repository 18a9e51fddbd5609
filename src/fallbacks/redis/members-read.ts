import type { CollectionQuery } from '../../core/collection.js';
import type { CollectionForm } from '../../core/kind.js';
import { ALONE } from '../../hot/redis/chunks.js';
import { luaScript } from '../../hot/redis/script.js';
import { askArgs, askLua } from './ask.js';
import { digestLua, thereLua } from './companion.js';
import { masterLua } from './master.js';
import type { ReadScripts } from './scripts.js';

// Answers for each key N where there is nothing, T and the type of what is of another, else the replies to the commands, until
// when it lives, and where it is wanted the digest of all members.
const script = luaScript(
  `${masterLua}${thereLua}${digestLua}${askLua}
local want, wanted, out = ARGV[1], ARGV[2] == '1', {}
for i = 1, #KEYS do
  local k = KEYS[i]
  local type = redis.call('TYPE', k).ok
  if type ~= 'none' and type ~= want then
    out[i] = 'T' .. type
  else
    local till = there(k)
    if till then
      local replies = ask(k, 3)
      out[i] = { replies, string.format('%.0f', till), wanted and digest(k, replies[1]) or nil }
    else
      out[i] = 'N'
    end
  end
end
return cjson.encode(out)`,
  'no-writes',
);

// What a collection that is read whole may have, roughly.
const WHOLE = 500;

/** How collections are read. */
export const readMembers = (form: CollectionForm): ReadScripts => ({
  read: (query) => ({ script, args: [form.type, '0', ...askArgs(form, query as CollectionQuery | undefined)] }),
  size: (query) => sizeOf(form, query as CollectionQuery | undefined),
  draft: { script, args: [form.type, '1', ...askArgs(form, undefined)] },
});

function sizeOf(form: CollectionForm, query: CollectionQuery | undefined): number {
  if (query && form.looksFar?.(query)) return ALONE;
  switch (query?.type) {
    case undefined:
      return WHOLE;
    case 'scores':
      return query.texts.length;
    case 'slice':
    case 'near':
      return query.limit ?? WHOLE;
    case 'scan':
      return query.limit;
    case 'between':
      return query.start < 0 === query.stop < 0 ? Math.max(0, query.stop - query.start) : WHOLE;
    default:
      return 1;
  }
}
