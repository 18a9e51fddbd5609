import type { CollectionForm } from '../../core/kind.js';
import type { Schema } from '../../core/schema.js';
import { tellAllLua } from './channel.js';
import { peekCollections, readCollections } from './collection-look.js';
import { ASIDE, collectionShape, SIZE, takeKeeper } from './collection-shape.js';
import { aloneLua } from './lock.js';
import { eachLua, unkeepLua } from './lua.js';
import { epochLua } from './marker.js';
import { luaScript, type Script } from './script.js';
import type { Shape } from './shape.js';
import { markerLua, type StepScripts, stepScripts } from './steps.js';

/** All steps as scripts for the collections of one schema. */
export interface CollectionScripts extends StepScripts {
  readonly form: CollectionForm;
  readonly read: Script;
  readonly peek: Script;
  readonly stage: Script;
}

// Puts members aside, where the token still may put them in place, and nothing is lacking of what was put aside before. Answers how many
// there are now, or -1. Arguments: token, how long they are kept, F for a fill or L for a commit, how many there were, then those of
// the command that adds.
const stage = (epoch: string, shape: Shape, { type, put }: CollectionForm) =>
  luaScript(`${epoch}${markerLua(shape)}${aloneLua}${eachLua}${unkeepLua}
local k, token, time, before, count = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[4]), #ARGV - 4
local aside, m = ${ASIDE}, marker(k)
local mayPut
if ARGV[3] == 'F' then
  mayPut = m == 'F' .. mine .. token
else
  local p = lock(m)
  mayPut = p and string.sub(m, -1) ~= '!' and alone(m, p, token)
end
local there = mayPut and redis.call('${SIZE[type]}', aside)
if not there or there < before then
  redis.call('UNLINK', aside)
  return -1
end
${type === 'list' ? 'if there == before then' : 'do'}
  each('${put([])[0]}', aside, 5, count)
  ${takeKeeper(type, 'aside', '6')}
end
redis.call('PEXPIRE', aside, time)
if ARGV[3] == 'F' then redis.call('PEXPIRE', ${shape.home}, time) end
return redis.call('${SIZE[type]}', aside)`);

/** The scripts for collections: the members in one key, the marker beside it. They carry the schema's fingerprint. */
export function collectionScripts(schema: Schema, form: CollectionForm): CollectionScripts {
  const epoch = epochLua(schema.fingerprint);
  const shape = collectionShape(form);
  const looking = { shape, epoch, type: form.type };
  return {
    form,
    ...stepScripts(shape, epoch, schema.cache ? tellAllLua : ''),
    read: readCollections(looking),
    peek: peekCollections(looking),
    stage: stage(epoch, shape, form),
  };
}
