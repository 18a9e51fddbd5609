import type { CollectionForm } from '../../core/kind.js';
import { aloneLua, lockLua, othersLua } from './lock.js';
import { eachLua, unkeepLua } from './lua.js';
import type { Shape } from './shape.js';

/** The key of a collection's marker. */
const HOME = "k .. '~'";

/** Where parts of a large collection are put aside: under its key and a token. */
export const ASIDE = "k .. '~' .. ARGV[1]";

/** The command that tells how many members there are. */
export const SIZE = { zset: 'ZCARD', list: 'LLEN', set: 'SCARD' } as const;

/** What stands before the ttl of an entry whose members have been put aside. */
export const STAGED = 's';

/** What stands in place of the ttl of an entry that is a delta. */
export const DELTA = 'd';

const LOOKS = {
  zset: "redis.call('ZADD', k, 0, 'a')\n  redis.call('ZRANGE', k, 0, -1)\n  redis.call('GEOSEARCH', k, 'FROMMEMBER', 'a', 'BYRADIUS', 1, 'm')",
  list: "redis.call('RPUSH', k, 'a')\n  redis.call('LRANGE', k, 0, -1)",
  set: "redis.call('SADD', k, 'a')\n  redis.call('SMEMBERS', k)",
} as const;

// `there(k, under)`: whether members lie there exactly where there are any: Redis may have evicted them. `release(k, m)`: puts what was beneath the lock in its place, until when it was valid.
const before = (type: string) => `${aloneLua}${othersLua}
local function there(k, under)
  local found = redis.call('TYPE', k).ok
  return under == 'p' and found == '${type}' or under == 'e' and found == 'none'
end
local function release(k, m)
  local till = string.match(m, '^-?%d+', 19)
  local valid = string.upper(string.sub(m, 18, 18)) .. mine
  if till == '-1' then
    redis.call('SET', ${HOME}, valid)
    redis.call('PERSIST', k)
  else
    redis.call('SET', ${HOME}, valid, 'PXAT', till)
    redis.call('PEXPIREAT', k, till)
  end
end
`;

// Made to the value beneath also where others stay in the lock. Its arguments are commands: name, count of arguments, these.
const delta = ({
  locked,
  shape: { mark, expireAt },
}: {
  readonly locked: string;
  readonly shape: Shape;
}) => `elseif ttl == '${DELTA}' then
    local more, last, rest
    if string.sub(m, -1) ~= '!' then more, last, rest = others(m, p, token) end
    if more and there(k, valid(m, p)) then
      local from = at + 2
      while from < at + 2 + count do
        local size = tonumber(ARGV[from + 1])
        each(ARGV[from], k, from + 2, size)
        from = from + 2 + size
      end
      local under = redis.call('EXISTS', k) == 1 and 'p' or 'e'
      m = string.sub(m, 1, 17) .. under .. string.sub(m, 19)
      if more == 0 then
        release(k, m)
      elseif more == 1 then
        ${locked}
        alter(k, m, p, token, nil, nil, true)
      else
        ${mark('string.sub(rest, 1, 17) .. under .. string.sub(rest, 19)')}
        ${expireAt("string.format('%.0f', last)")}
      end
    else
      ${locked}
      leave(k, m, p, token)
    end
  `;

/** Takes the keeper of -0 out, where that is the first member that the arguments put. */
export const takeKeeper = (type: CollectionForm['type'], key: string, at: string): string =>
  type === 'zset' ? `unkeep(${key}, ARGV[${at}])` : '';

/** A collection in a type of its own, and its marker in a string beside it. */
export function collectionShape({ type, put }: CollectionForm): Shape {
  const [add] = put([]);
  const shape: Shape = {
    probe: `redis.call('UNLINK', k, ${HOME})
  redis.call('SET', ${HOME}, '')
  redis.call('MGET', ${HOME})
  redis.call('TYPE', k)
  ${LOOKS[type]}
  redis.call('PEXPIRE', k, 1000)
  redis.call('RENAME', k, ${HOME})
  redis.call('UNLINK', k, ${HOME})`,
    home: HOME,
    expire: (time, when) => {
      const until = when ? `${time}, '${when}'` : time;
      return `redis.call('PEXPIRE', ${HOME}, ${until})\n    redis.call('PEXPIRE', k, ${until})`;
    },
    expireAt: (time) => `local till = ${time}
  redis.call('PEXPIREAT', ${HOME}, till)
  redis.call('PEXPIREAT', k, till)`,
    drop: `redis.call('UNLINK', k, ${HOME})`,
    // What is of another type there counts as none, and goes when the next marker is put.
    marker: `
local function marker(k)
  return redis.call('MGET', ${HOME})[1]
end
`,
    mark: (m) => `redis.call('SET', ${HOME}, ${m}, 'KEEPTTL')`,
    // A time of 0 is none to SET.
    markAlone: (m, time) => `redis.call('UNLINK', k)
      redis.call('SET', ${HOME}, ${m})
      redis.call('PEXPIRE', ${HOME}, ${time})`,
    put: `${eachLua}${unkeepLua}
local function put(k, ttl, count, from)
  local staged = string.sub(ttl, 1, 1) == '${STAGED}'
  redis.call('UNLINK', k)
  if staged then
    ttl = string.sub(ttl, 2)
    local aside = ${ASIDE}
    if redis.call('${SIZE[type]}', aside) ~= tonumber(ARGV[from]) then return redis.call('UNLINK', ${HOME}) end
    redis.call('RENAME', aside, k)
    redis.call('PERSIST', k)
  elseif count > 0 then
    each('${add}', k, from, count)
    ${takeKeeper(type, 'k', 'from + 1')}
  end
  redis.call('SET', ${HOME}, (count < 0 and 'N' or count == 0 and 'E' or 'P') .. mine)
  if ttl ~= '' then
    redis.call('PEXPIRE', ${HOME}, ttl)
    redis.call('PEXPIRE', k, ttl)
  end
end
`,
  };
  return {
    ...shape,
    members: {
      before: before(type),
      isMine: "string.sub(m, -1) ~= '!' and alone(m, p, token)",
      isPresent: 'there(k, valid(m, p))',
      delta: delta({ locked: lockLua(shape), shape }),
      after: `if string.sub(ttl, 1, 1) == '${STAGED}' then redis.call('UNLINK', ${ASIDE}) end`,
    },
  };
}
