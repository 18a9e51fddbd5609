import type { HashForm, Query } from '../../core/kind.js';
import type { Schema } from '../../core/schema.js';
import { tellLua } from '../../hot/redis/channel.js';
import { eachLua, fieldsLua, MARKER, namedFieldsLua, onlyForeign } from '../../hot/redis/lua.js';
import { ALLOW_OOM, luaScript, type Script } from '../../hot/redis/script.js';
import type { ReadCall } from '../../hot/redis/steps.js';
import { masterLua } from './master.js';
import { readMembers } from './members-read.js';
import { checkMembersLua, readStepsLua, runStepsLua } from './members-write.js';

/** How the entries of one schema are read. */
export interface ReadScripts {
  read(query: Query): ReadCall;
  /** How many texts an entry is read as. */
  size(query: Query): number;
  /** How it is read to be changed where nothing has changed since, where that is not as it is read whole. */
  readonly draft?: ReadCall;
}

// Answers for each key its texts and, in the end, until when it lives (milliseconds since 1970, -1 for ever); N where there is
// nothing; T and the type of what is of another. All in one JSON text, which costs less than lists of Redis.
const read = (prelude: string, size: string, values: string) =>
  luaScript(
    `${prelude}${masterLua}
local size, out = ${size}, {}
for i = 1, #KEYS do
  local k = KEYS[i]
  local till = redis.call('PEXPIRETIME', k)
  if till == -2 then
    out[i] = 'N'
  else
    local v = ${values}
    if v.err then
      ${onlyForeign('v')}
      out[i] = 'T' .. redis.call('TYPE', k).ok
    else
      v[size + 1] = string.format('%.0f', till)
      out[i] = v
    end
  end
end
return cjson.encode(out)`,
    'no-writes',
  );

const made = new WeakMap<Schema, ReadScripts>();

/** The scripts that read the entries of a schema. */
export function readScripts(schema: Schema): ReadScripts {
  const there = made.get(schema);
  if (there) return there;
  const { redis } = schema.kind;
  const scripts =
    redis.type === 'hash' ? readHash(schema, redis) : redis.type === 'string' ? readString : readMembers(redis);
  made.set(schema, scripts);
  return scripts;
}

function readHash(schema: Schema, form: HashForm): ReadScripts {
  const names = form.fields(schema, undefined);
  const named = names.length === 0 ? '{}' : namedFieldsLua(names);
  // `undefined` where the whole value has more fields than a script can name.
  const all = named === undefined ? undefined : { script: read('', String(names.length), named), args: [] };
  const some = read(fieldsLua, '#ARGV', '#ARGV == 0 and {} or fields(k, 1, #ARGV)');
  return {
    read: (query) => (query === undefined && all) || { script: some, args: form.fields(schema, query) },
    size: (query) => form.fields(schema, query).length,
  };
}

const textLua = `
local function text(k)
  local t = redis.pcall('GET', k)
  return type(t) == 'table' and t or { t }
end
`;
const oneText = { script: read(textLua, '1', 'text(k)'), args: [] };
const readString: ReadScripts = { read: () => oneText, size: () => 1 };

// Checks all keys, then changes all, so that it is all or none. Arguments for each key in turn, a check and a change:
//   -                                     no check
//   absent                                there is nothing
//   version, field, text                  there is an entry, and the field has this text
//   at, field, text                       the same, but that nothing is there has a fact of its own
//   same, count, fields, texts            there is an entry, and the fields have these texts (after =, else empty: absent)
//   is, text                              there is a string, and it is this
//   put, until, count, field, text …      the entry becomes this, until then (empty: for ever)
//   text, until, text                     the entry becomes this string, until then
//   set, count, field, text …, count, fields   the first are set, the others removed
//   patch, count, field, text …, count, fields the first are set, and it answers with what the others are then, and until when
//   delete, or keep
// Where other processes are told, one more argument has a character for each key: 1 for those that they may keep.
// Answers `done` and a digit for each key, 1 where there was something to delete; or the place of the first key whose check
// failed, and how: exists, missing, conflict, changed, or T and the type of what is no hash. What there is for collections is in members-write.ts.
const body = (
  tell: { readonly helpers: string; readonly run: string },
  members: MembersLua,
) => `${tell.helpers}${fieldsLua}${eachLua}
local at, plan = 1, {}
local function take()
  at = at + 1
  return ARGV[at - 1]
end
local function skip(count)
  at = at + count
  return at - count
end
${members.helpers}local function check(k)
  local kind = take()
  if kind == '-' then return end
${members.check}  if kind == 'absent' then return redis.call('EXISTS', k) == 1 and 'exists' or nil end
  if kind == 'version' or kind == 'at' then
    local field, text = take(), take()
    if kind == 'at' and redis.call('EXISTS', k) == 0 then return 'missing' end
    local found = redis.pcall('HGET', k, field)
    if type(found) == 'table' then
      ${onlyForeign('found')}
      return 'T' .. redis.call('TYPE', k).ok
    end
    return found ~= text and 'conflict' or nil
  end
  if kind == 'is' then
    local found = redis.pcall('GET', k)
    if type(found) == 'table' then ${onlyForeign('found')} end
    return found ~= take() and 'changed' or nil
  end
  local count = tonumber(take())
  local names, texts = skip(count), skip(count)
  if redis.call('EXISTS', k) == 0 then return 'changed' end
  local found = count == 0 and {} or fields(k, names, names + count - 1)
  if found.err then
    ${onlyForeign('found')}
    return 'changed'
  end
  for i = 1, count do
    if ARGV[texts + i - 1] ~= (found[i] and '=' .. found[i] or '') then return 'changed' end
  end
end
for i = 1, #KEYS do
  local fault = check(KEYS[i])
  if fault then return i - 1 .. ' ' .. fault end
  local change = { kind = take() }
  if change.kind == 'put' then
    change.till, change.count = take(), tonumber(take())
    change.from = skip(change.count)
  elseif change.kind == 'set' or change.kind == 'patch' then
    change.count = tonumber(take())
    change.from = skip(change.count)
    change.named = tonumber(take())
    change.names = skip(change.named)
  elseif change.kind == 'text' then
    change.till, change.text = take(), take()
${members.read}  end
  plan[i] = change
end
${tell.run}local existed = {}
for i = 1, #KEYS do
  local k, change = KEYS[i], plan[i]
  existed[i] = 0
  if change.kind == 'delete' then
    existed[i] = redis.call('UNLINK', k)
  elseif change.kind == 'put' then
    redis.call('DEL', k)
    redis.call('HSET', k, '${MARKER}', '1')
    each('HSET', k, change.from, change.count)
    if change.till ~= '' then redis.call('PEXPIREAT', k, change.till) end
  elseif change.kind == 'set' then
    redis.call('HSET', k, '${MARKER}', '1')
    each('HSET', k, change.from, change.count)
    each('HDEL', k, change.names, change.named)
  elseif change.kind == 'patch' then
    redis.call('HSET', k, '${MARKER}', '1')
    each('HSET', k, change.from, change.count)
    local texts = fields(k, change.names, change.names + change.named - 1)
    texts[change.named + 1] = string.format('%.0f', redis.call('PEXPIRETIME', k))
    answers[i] = { texts }
  elseif change.kind == 'text' then
    redis.call('SET', k, change.text)
    if change.till ~= '' then redis.call('PEXPIREAT', k, change.till) end
${members.run}  end
end
return 'done ' .. table.concat(existed)${members.answer}`;

/** What a script has for collections, beside what it has for rows. */
interface MembersLua {
  readonly helpers: string;
  readonly check: string;
  readonly read: string;
  readonly run: string;
  readonly answer: string;
}

const withoutMembers: MembersLua = { helpers: '', check: '', read: '', run: '', answer: '' };
const withMembers: MembersLua = {
  helpers: `${checkMembersLua}${readStepsLua}${runStepsLua}local answers = {}
for i = 1, #KEYS do answers[i] = false end
`,
  check: `  if kind == 'members' then return checkMembers(k) end
`,
  read: `  elseif change.kind == 'members' then
    change.steps = readSteps()
`,
  run: `  elseif change.kind == 'members' then
    local made = {}
    for n, step in ipairs(change.steps) do made[n] = run[step.name](k, step) end
    answers[i] = made
`,
  answer: " .. ' ' .. cjson.encode(answers)",
};

const quiet = { helpers: '', run: '' };
const telling = {
  helpers: tellLua,
  run: `tell(function(i) return string.sub(ARGV[#ARGV], i, i) == '1' and plan[i].kind ~= 'keep' end)
`,
};

// What only deletes, a Redis that is out of memory still does.
const writing = (members: MembersLua, frees: string) => ({
  quiet: luaScript(body(quiet, members), frees),
  telling: luaScript(body(telling, members), frees),
});
const scripts = {
  rows: { write: writing(withoutMembers, ''), delete: writing(withoutMembers, ALLOW_OOM) },
  members: { write: writing(withMembers, ''), delete: writing(withMembers, ALLOW_OOM) },
};

/** What a write needs of its script. */
export interface Writing {
  /** Whether it needs no memory. */
  readonly frees: boolean;
  /** Says so to processes that keep the entries, and takes one more argument for that. */
  readonly tells: boolean;
  /** Whether it changes members, or patches. Then it also answers, for each key that does, with what each step answers. */
  readonly answers: boolean;
}

/** Checks and changes several entries, all or none. */
export function writeScript({ frees, tells, answers }: Writing): Script {
  return scripts[answers ? 'members' : 'rows'][frees ? 'delete' : 'write'][tells ? 'telling' : 'quiet'];
}
