import type { Query, Value } from '../../core/kind.js';
import { joinLua, lockLua, prolongLua } from './lock.js';
import { onlyForeign } from './lua.js';
import { clockLua, isLockLua, underLua } from './marker.js';
import { ALLOW_OOM, luaScript, type Script } from './script.js';
import type { Reading, Shape } from './shape.js';

/** The steps of the fenced protocol that ask nothing of a value, as scripts. */
export interface StepScripts {
  readonly begin: Script;
  readonly renew: Script;
  readonly commit: Script;
  readonly release: Script;
  readonly fill: Script;
  readonly drop: Script;
}

/** A script, and those of its arguments that say what to read. */
export interface ReadCall {
  readonly script: Script;
  readonly args: readonly string[];
}

/** All steps as scripts for the entries of one schema, what they take of values, and what they answer. */
export interface HotScripts extends StepScripts {
  /** What its entries are in Redis: `hash`. */
  readonly type: string;
  /** Takes a token and the time to fill before its own arguments. */
  read(query: Query): ReadCall;
  /** Reads whole values without writing anything. */
  peek(): ReadCall;
  /** How many texts an entry is read as. */
  size(query: Query): number;
  /** The value as arguments. */
  format(value: Value): readonly string[];
  /** The value of texts that were read. @throws CorruptPlain */
  parse(query: Query, texts: readonly (string | null)[]): Value;
  /** Drops one entry where it still reads as `texts`. */
  discard(query: Query, texts: readonly (string | null)[]): ReadCall;
}

/** What entries of a shape are done to; `epoch` defines what their markers carry, `tell` tells others of it. */
export function stepScripts(shape: Shape, epoch: string, tell: string): StepScripts {
  return {
    begin: begin(shape, epoch),
    renew: renew(shape, epoch),
    commit: commit(shape, `${epoch}${tell}`),
    release: release(shape, `${epoch}${tell}`),
    fill: fill(shape, epoch),
    drop: drop(shape, `${epoch}${tell}`),
  };
}

/** `marker(k)`, `lock(m)`, and `dirty(k, m)`, which marks a lock. */
export const markerLua = ({ marker, mark }: Shape): string => `${marker}${isLockLua}
local function dirty(k, m)
  if string.sub(m, -1) ~= '!' then ${mark("m .. '!'")} end
end
`;

const KEY_ITSELF = { home: 'k' };

// Answers for each key its texts (false where there is none), or N (absent), F (cold), B (busy), or T and the type of what
// was there in its place. All in one JSON text, which costs the server and the client a fifth less than lists of Redis;
// what is asked for most is found out first. `foreign` is done to what is of another type, `locked` tells what is served of a
// lock, `cold` decides about the rest.
const look = (epoch: string, reading: Reading, foreign: string, locked: string, cold: string) =>
  luaScript(`${epoch}${reading.before}
local P = 'P' .. mine
local out = {}
for i = 1, #KEYS do
  local k = KEYS[i]
  ${reading.read}
  if m == P then
    ${reading.take}
    out[i] = v
  elseif ${reading.isError} then
    ${onlyForeign(reading.reply)}
    out[i] = 'T' .. redis.call('TYPE', k).ok
    ${foreign}
  elseif m == 'N' .. mine then
    out[i] = 'N'
  else
    ${clockLua}${underLua(KEY_ITSELF)}
    local p = m and string.sub(m, 1, 9) == 'L' .. tag and string.find(m, '|', 18, true)
    if p then
      local under = ${locked}
      ${reading.take}
      out[i] = under == 'p' and v or under == 'n' and 'N' or 'B'
    ${cold}
    end
  end
end
return cjson.encode(out)`);

/** Reads entries, and takes the right to fill where they are cold. Arguments: token, time to fill. */
export const readScript = (epoch: string, { markAlone }: Shape, reading: Reading): Script =>
  look(
    epoch,
    reading,
    `redis.call('UNLINK', k)`,
    'served(k, m, p)',
    `elseif m == 'F' .. mine .. ARGV[1] then
      out[i] = 'F'
    elseif m and string.sub(m, 1, 17) == 'F' .. mine then
      out[i] = 'B'
    else
      ${markAlone("'F' .. mine .. ARGV[1]", 'ARGV[2]')}
      out[i] = 'F'`,
  );

/** Likewise, without writing anything. */
export const peekScript = (epoch: string, reading: Reading): Script =>
  look(epoch, reading, '', 'nil', `else out[i] = m and string.sub(m, 1, 17) == 'F' .. mine and 'B' or 'F'`);

// Arguments: token, lock time, how much of it must be left for what lies under the lock to be served; then for each key the hashes of
// its members, after `:`, where these are written by themselves. What is for writers who meet is made only where they do, here
// and in commit.
const begin = (shape: Shape, epoch: string) => {
  const { members } = shape;
  const held = members ? 'token .. own' : 'token';
  return luaScript(
    `${epoch}${markerLua(shape)}
local token, time = ARGV[1], ARGV[2]
for i = 1, #KEYS do
  local k${members ? ', own' : ''} = KEYS[i]${members ? `, ARGV[3 + i] or ''` : ''}
  local m = marker(k)
  local p = lock(m)
  if p then
    ${clockLua}${lockLua(shape)}${members ? joinLua(shape) : ''}
    if not lengthen(k, m, p, token, time) then
      ${members ? 'm, p = slowest(m, p, ARGV[3])' : ''}
      ${members ? 'if not append(k, m, p, token, time, own) then alter(k, m, p, token, time, own, true) end' : "alter(k, m, p, token, time, '', true)"}
    end
  else
    local under = m == 'P' .. mine and 'p' or m == 'N' .. mine and 'n' or m == 'E' .. mine and 'e'
    if under then
      ${shape.mark(`'L' .. mine .. under .. string.format('%.0f', redis.call('PEXPIRETIME', ${shape.home})) .. '/' .. ARGV[3] .. '|' .. ${held}`)}
      ${shape.expire('time')}
    else
      ${shape.markAlone(`'L' .. mine .. 'c0/' .. ARGV[3] .. '|' .. ${held}`, 'time')}
    end
  end
end
return #KEYS`,
    ALLOW_OOM,
  );
};

// Arguments: lock time, then for each key the count of its tokens and these.
const renew = (shape: Shape, epoch: string) =>
  luaScript(
    `${epoch}${markerLua(shape)}${clockLua}${lockLua(shape)}${prolongLua(shape)}
local time, at = ARGV[1], 2
for i = 1, #KEYS do
  local k, first, last = KEYS[i], at + 1, at + tonumber(ARGV[at])
  local m = marker(k)
  local p = lock(m)
  if p and string.find(m, ',', p, true) then
    prolong(k, m, p, first, last, time)
  elseif p then
    for n = first, last do lengthen(k, m, p, ARGV[n], time) end
  end
  at = last + 1
end
return #KEYS`,
    ALLOW_OOM,
  );

// Arguments: token, mode, then for each key its ttl, the count of its texts and these.
const commit = (shape: Shape, epoch: string) => {
  const { members } = shape;
  const isMine = members?.isMine ?? 'string.sub(m, p + 1) == token';
  const isPresent = members?.isPresent ?? "valid(m, p) == 'p'";
  return luaScript(`${epoch}${markerLua(shape)}${clockLua}${underLua(shape)}${shape.put}${members?.before ?? ''}
local token, mode = ARGV[1], ARGV[2]
local at = 3
for i = 1, #KEYS do
  local k, ttl, count = KEYS[i], ARGV[at], tonumber(ARGV[at + 1])
  local m = marker(k)
  local p = lock(m)
  if not p then
    ${shape.drop}
  ${members?.delta ?? ''}elseif ${isMine} and (mode == 'set' or ${isPresent}) then
    put(k, ttl, count, at + 2)
  else
    ${lockLua(shape)}
    leave(k, m, p, token)
  end
  ${members?.after ?? ''}
  at = at + 2 + math.max(count, 0)
end
return #KEYS`);
};

// Arguments: a token for all keys, or one for each.
const release = (shape: Shape, epoch: string) =>
  luaScript(
    `${epoch}${markerLua(shape)}${clockLua}${lockLua(shape)}
for i = 1, #KEYS do
  local k = KEYS[i]
  local m = marker(k)
  local p = lock(m)
  if p then leave(k, m, p, ARGV[i] or ARGV[1]) else ${shape.drop} end
end
return #KEYS`,
    ALLOW_OOM,
  );

// Arguments: token, then for each key its ttl, the count of its texts and these.
const fill = (shape: Shape, epoch: string) =>
  luaScript(`${epoch}${shape.marker}${shape.put}
local at = 2
for i = 1, #KEYS do
  local k, ttl, count = KEYS[i], ARGV[at], tonumber(ARGV[at + 1])
  if marker(k) == 'F' .. mine .. ARGV[1] then put(k, ttl, count, at + 2) end
  ${shape.members?.after ?? ''}
  at = at + 2 + math.max(count, 0)
end
return #KEYS`);

const drop = (shape: Shape, epoch: string) =>
  luaScript(
    `${epoch}${markerLua(shape)}
for i = 1, #KEYS do
  local k = KEYS[i]
  local m = marker(k)
  if lock(m) then dirty(k, m) else ${shape.drop} end
end
return #KEYS`,
    ALLOW_OOM,
  );
