import { SIGN_KEEPER } from '../../core/score-text.js';

/** Most values that Lua can hand to one command at once, with room for the rest of the command. */
export const UNPACK = 4000;

// Lua takes no more than about 250 values in one call that is written out.
const MOST_NAMED = 200;

/** The field of a hash that holds its marker. */
export const MARKER = '~';

/** A text as Lua source. */
export function luaText(text: string): string {
  const escaped = Array.from(Buffer.from(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[\w -]/.test(character) ? character : `\\${String(byte).padStart(3, '0')}`;
  });
  return `'${escaped.join('')}'`;
}

/** The expression that reads the named fields of the hash `k`, or `undefined` where there are too many to be written out. */
export function namedFieldsLua(names: readonly string[]): string | undefined {
  if (names.length > MOST_NAMED) return undefined;
  return `redis.pcall('HMGET', k, ${names.map(luaText).join(', ')})`;
}

/** `fields(k, from, to)`: the texts of the fields named by the arguments, or what `pcall` makes of a fault. */
export const fieldsLua = `
local function fields(k, from, to)
  if to - from < ${UNPACK} then return redis.pcall('HMGET', k, unpack(ARGV, from, to)) end
  local all, count = {}, 0
  for at = from, to, ${UNPACK} do
    local last = math.min(at + ${UNPACK} - 1, to)
    local part = redis.pcall('HMGET', k, unpack(ARGV, at, last))
    if part.err then return part end
    for i = 1, last - at + 1 do all[count + i] = part[i] end
    count = count + last - at + 1
  end
  return all
end
`;

/** `each(command, k, from, count)`: runs a command on `k` with that many arguments, in as many pieces as it takes. */
export const eachLua = `
local function each(command, k, from, count)
  for at = from, from + count - 1, ${UNPACK} do
    redis.call(command, k, unpack(ARGV, at, math.min(at + ${UNPACK}, from + count) - 1))
  end
end
`;

/** `keeps(text)`: whether this first member that is added is the keeper of -0. `unkeep(k, text)`: takes it out after that. */
export const unkeepLua = `
local function keeps(text)
  return text and #text == ${SIGN_KEEPER.length} and string.sub(text, 1, 2) == '\\0${SIGN_KEEPER[1]}'
end
local function unkeep(k, text)
  if keeps(text) then redis.call('ZREM', k, text) end
end
`;

/** The texts of a hash as a script's JSON has them, as kinds expect them: Lua calls an absent one false, and its empty list is an object. */
export function textsOf(list: object): readonly (string | null)[] {
  if (!Array.isArray(list)) return [];
  for (let at = 0; at < list.length; at++) if (list[at] === false) list[at] = null;
  return list;
}

/** Goes on where the error that `reply` is says that something is of another type; any other says nothing of what lies there. */
export const onlyForeign = (reply: string): string =>
  `if string.sub(${reply}.err, 1, 9) ~= 'WRONGTYPE' then error(${reply}) end`;
