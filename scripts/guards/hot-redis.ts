import { type Edit, editOf, type Mutation } from './mutation.js';

const script = editOf('src/hot/redis/steps.ts');
const hash = editOf('src/hot/redis/hash-scripts.ts');
const flag = editOf('src/hot/redis/flag-scripts.ts');
const lock = editOf('src/hot/redis/lock.ts');
const marker = editOf('src/hot/redis/marker.ts');
const probe = editOf('src/hot/redis/probe.ts');
const lane = editOf('src/hot/redis/lane.ts');
const lua = editOf('src/hot/redis/lua.ts');
const fault = editOf('src/hot/redis/fault.ts');
const store = editOf('src/hot/redis/store.ts');
const source = editOf('src/hot/redis/script.ts');
const collection = editOf('src/hot/redis/collection-shape.ts');
const look = editOf('src/hot/redis/collection-look.ts');
const unchecked = editOf('src/hot/redis/unchecked-link.ts');
const staging = editOf('src/hot/redis/collection-scripts.ts');

const out = (guard: string, edits: readonly Edit[], first: readonly string[] = []): Mutation => ({
  guard,
  edits,
  suite: 'redis',
  first,
});

const FAULTS = ['test/hot/redis-faults.server.test.ts'];
const LINK = ['test/hot/redis-link.server.test.ts', 'test/hot/redis-lane.server.test.ts'];
const CORRUPT = ['test/hot/redis-corrupt.server.test.ts'];
const CORRUPT_FLAG = ['test/hot/redis-corrupt-flag.server.test.ts'];
const COLLECTION = ['test/hot/redis-collection.server.test.ts'];
const PERMISSIONS = ['test/repository/redis-permissions.server.test.ts'];
const AWAY_AT_OPEN = ['test/repository/open-without-redis.server.test.ts'];
const DATABASE = ['test/repository/redis-database.server.test.ts'];
const CHANNEL = ['test/hot/redis-channel.server.test.ts'];

const counting = [
  lock('local now = clock()', 'local now = clock()\n  local held'),
  lock('    if ends <= now then\n', '    if t == token then held = true end\n    if ends <= now then\n'),
];
const unmarked = (where: string) =>
  lock('clean and (was or not met) and', `(clean and (was or not met) or (${where})) and`);
const marked = (unless: string) => unmarked(`(${unless}) and not string.find(m, '!', p, true)`);

const putEmpties = hash("from)\n  redis.call('DEL', k)", 'from)');

/** The guards in the scripts of the hot store on Redis. */
export const HOT_REDIS: readonly Mutation[] = [
  out('lockFirst', [script('  else\n    local under = m', "  elseif token == '' then\n    local under = m")]),
  out('fillFenced', [script("if marker(k) == 'F' .. mine .. ARGV[1] then put", 'if true then put')]),
  out('lockEndsFill', [
    script(
      '  else\n    local under = m',
      "  elseif not m or string.sub(m, 1, 17) ~= 'F' .. mine then\n    local under = m",
    ),
  ]),
  out('lockExcludesFill', [
    script('if p then\n      local under = ${locked}', 'local under = p and ${locked}\n    if under then'),
  ]),
  out('joinDirty', [lock('(was or not met)', 'true')]),
  out('joinDirty', [lock("if string.find(theirs, '.' .. hash .. '.', 1, true) then return true end", '')]),
  out('joinDirty', [lock("if string.find(m, '.' .. hash .. '.', p, true) then return false end", '')]),
  out('wholeMeetsAll', [lock("if own == '' or string", 'if string')]),
  out('wholeMeetsAll', [lock("if mine == '' or theirs == '' then return true end", '')]),
  out('wholeMeetsAll', [
    lock("if mine == '' or theirs == '' then return true end", "if mine == '' then return true end"),
  ]),
  out('deltaNeedsValue', [
    collection('if more and there(k, valid(m, p)) then', "if more and (valid(m, p) ~= 'p' or there(k, 'p')) then"),
  ]),
  out('deltaBeneath', [collection('while from < at', 'while more == 0 and from < at')]),
  out('evictedIsCold', [collection("under == 'p' and found == '${type}' or", "under == 'p' or")], COLLECTION),
  out('evictedIsCold', [look("if under == 'p' and sure then", "if under == 'p' then")], COLLECTION),
  out('stagedWhole', [collection('~= tonumber(ARGV[from]) then return', '== 0 then return')], COLLECTION),
  out('stagedWhole', [staging('if not there or there < before then', 'if not there then')], COLLECTION),
  out('dirtyNotServed', [marker("if string.sub(m, -1) == '!' then return end", '')]),
  out('dirtyNotSet', [
    script(
      "'string.sub(m, p + 1) == token'",
      '"(string.sub(m, p + 1) == token or string.sub(m, p + 1) == token .. \'!\')"',
    ),
  ]),
  out('dirtyNotSet', [collection("string.sub(m, -1) ~= '!' and alone(m, p, token)", 'alone(m, p, token)')]),
  out('dirtyNotSet', [collection("if string.sub(m, -1) ~= '!' then more", 'do more')]),
  out('ownLockOnly', [script("'string.sub(m, p + 1) == token'", '"not string.find(m, \'!\', p, true)"')]),
  out('ownLockOnly', [collection("string.sub(m, -1) ~= '!' and alone(m, p, token)", "string.sub(m, -1) ~= '!'")]),
  out('ownLockOnly', [lock('if not from then return end', 'if not from then return 1, clock() + 1000, m end')]),
  out('lastOutDrops', [
    lock(
      'if #list == 0 then return ${drop} end',
      "if #list == 0 then\n    ${mark(\"'P' .. mine\")}\n    return redis.call('PERSIST', k)\n  end",
    ),
  ]),
  out('lostTokenDrops', [script('if not p then\n    ${shape.drop}', "if not p then\n    redis.call('EXISTS', k)")]),
  out('lostTokenMarks', [...counting, marked('not held and not own')]),
  out('abandonMarks', [...counting, unmarked('held and not time')]),
  out('keepOthersLock', [...counting, lock('if #list == 0 then', 'if #list == 0 or not held and not own then')]),
  out('abandonDrops', [script('or ARGV[1]) else ${shape.drop} end', 'or ARGV[1]) end')]),
  out('deadTokenMarks', [
    lock('local now = clock()', 'local now = clock()\n  local dead'),
    lock('      clean = false\n', '      dead = true\n'),
    unmarked('dead and not own'),
  ]),
  out('deadTokenMarks', [lock('      clean = false\n', '')]),
  out('deadTokenMarks', [lock('if ends <= now then return end', '')], COLLECTION),
  out('deadTokenMarks', [
    lock("if tonumber(string.match(list, '^%d+', from + #token + 2)) <= now then return end", ''),
  ]),
  out('deadTokenMarks', [lock('      marked = true\n', '')]),
  out('deadTokenEnds', [lock('if ends <= now then\n', 'if false then\n')]),
  out('deadTokenEnds', [lock('if now >= ends then\n', 'if false then\n')]),
  out('dropKeepsLock', [script('if lock(m) then dirty(k, m) else ${shape.drop} end', '${shape.drop}')]),
  out('dropMarks', [script('if lock(m) then dirty(k, m) else', 'if not lock(m) then')]),
  out('epoch', [marker('local tag = string.sub(info, at + 14, at + 21)', "local tag = 'for ever'")], FAULTS),
  out('fingerprint', [marker('local mine = tag .. ${luaText(fingerprint)}', "local mine = tag .. '00000000'")]),
  out('servedFor', [marker("elseif redis.call('PTTL', ${home}) < rest then return end", 'end')]),
  out('servedFor', [marker('if tonumber(ends) - now < math.max(rest, 1) then return end', '')]),
  out('servedFor', [script("${members ? 'm, p = slowest(m, p, ARGV[3])' : ''}", '')]),
  out('renewLasts', [
    lock(
      "${expire('time', 'GT')}\n  return true\nend\nlocal function meets",
      '  return true\nend\nlocal function meets',
    ),
  ]),
  out('renewLasts', [lock('if mine[t] then ends = math.max(ends, now + time) end', '')]),
  out('renewOwnOnly', [lock('if mine[t] then', 'if true then')]),
  out('renewOwnOnly', [
    lock('if not alone(m, p, token) then return false end', "if string.find(m, ',', p, true) then return false end"),
  ]),
  out('neverShorter', [
    lock(
      "${expire('time', 'GT')}\n  return true\nend\nlocal function meets",
      "${expire('time')}\n  return true\nend\nlocal function meets",
    ),
  ]),
  out('neverShorter', [lock('math.max(ends, now + time), of, true', 'now + time, of, true')]),
  out('neverShorter', [lock('math.max(ends, now + time) end', 'now + time end')]),
  out('heldEnds', [script("${shape.expire('time')}", '')]),
  out('heldEnds', [hash("redis.call('PEXPIRE', k, ${time})", '')]),
  out('heldEnds', [flag("redis.call('PEXPIRE', k, ${time})", '')]),
  out('heldEnds', [lock('${expireAt("string.format(\'%.0f\', last)")}', '')]),
  out('heldEnds', [collection("redis.call('PEXPIRE', ${HOME}, ${time})", '')]),
  out('valueEnds', [marker('if till >= 0 and clock() >= till then return end', '')]),
  out('valueEnds', [hash("if ttl ~= '' then redis.call('PEXPIRE', k, ttl) end", '')]),
  out('valueEnds', [flag("if ttl ~= '' then redis.call('PEXPIRE', k, ttl) end", '')]),
  out('valueEnds', [
    collection("redis.call('SET', ${HOME}, valid, 'PXAT', till)", "redis.call('SET', ${HOME}, valid)"),
  ]),
  out('valueEnds', [collection("redis.call('PEXPIRE', ${HOME}, ttl)", '')]),
  out('oneFills', [look("elseif m and string.sub(m, 1, 17) == 'F' .. mine then", "elseif m == 'X' then")]),
  out('oneFills', [script("== 'F' .. mine then", "== 'X' .. mine then")]),
  out('putReplaces', [putEmpties]),
  {
    guard: 'coldLosesRest',
    edits: [hash("`redis.call('DEL', k)\n      redis.call('HSET'", "`redis.call('HSET'")],
    covered: {
      by: 'putReplaces',
      edits: [putEmpties],
      file: 'test/tiers/guards-redis.server.test.ts',
      test: 'what another version of the class wrote leaves nothing in what is written over it',
    },
    suite: 'redis',
  },
  out('publishCommit', [script('commit: commit(shape, `${epoch}${tell}`)', 'commit: commit(shape, epoch)')], CHANNEL),
  out(
    'publishAbandon',
    [script('release: release(shape, `${epoch}${tell}`)', 'release: release(shape, epoch)')],
    CHANNEL,
  ),
  out('publishDrop', [script('drop: drop(shape, `${epoch}${tell}`)', 'drop: drop(shape, epoch)')], CHANNEL),
  out('everyScriptWrites', [source('`#!lua${flags && ` flags=${flags}`}\\n${body}`', 'body')], FAULTS),
  out('lettingGoIsNoWant', [source("export const ALLOW_OOM = 'allow-oom';", "export const ALLOW_OOM = '';")], FAULTS),
  out('fullStillLeaves', [store('if (full.length === 0) return faults;', 'return faults;')], FAULTS),
  out(
    'probeInvalidates',
    [
      hash("redis.call('HSET', k, '${MARKER}', '')", ''),
      hash("redis.call('PEXPIRE', k, 1000)", ''),
      probe("redis.call('DEL', k)", ''),
    ],
    PERMISSIONS,
  ),
  out('probeInvalidates', [flag("redis.call('SET', k, '')", '')], PERMISSIONS),
  out('probeInvalidates', [flag("redis.call('GET', k)\n  redis", 'redis')], PERMISSIONS),
  out('foreignGoes', [hash("redis.call('UNLINK', k)\n  return", 'return')], CORRUPT),
  out('foreignGoes', [flag("    redis.call('UNLINK', k)\n  end", '  end')], CORRUPT_FLAG),
  out('foreignGoes', [script("`redis.call('UNLINK', k)`", "''")], CORRUPT),
  out('foreignGoes', [look("`redis.call('UNLINK', k)`", "''")], COLLECTION),
  out(
    'neverQueued',
    [lane("if (status !== 'ready' && ", "if (status === 'end' && ")],
    ['test/tiers/guards-redis.server.test.ts'],
  ),
  out('checkedBeforeAsked', [unchecked('if (!fault) return', 'if (fault !== null) return')], AWAY_AT_OPEN),
  out('checkedBeforeAsked', [unchecked('return this.#fault ?', 'return this.#fault === null ?')], AWAY_AT_OPEN),
  out('ownDatabase', [lane('if (database === 0) return calls;', 'if (database !== -1) return calls;')], DATABASE),
  out('noRightIsNoAnswer', [lua("~= 'WRONGTYPE'", "== ''")], DATABASE),
  out('madeReady', [lane('this.#makeReady(status);', '')], LINK),
  out('silentIsAway', [lane('if (silence > (node ? SILENT_AFTER : deadAfter))', 'if (silence < 0)')], LINK),
  out('unansweredIsUnknown', [fault("? 'none' : 'unknown'", "? 'none' : 'none'")], LINK),
  out(
    'discardOnlyRead',
    [hash("if ARGV[1 + size + i] ~= (v[i] and '=' .. v[i] or '') then return 0 end", '')],
    CORRUPT,
  ),
  out('discardOnlyRead', [flag(' or value ~= ARGV[1] then', ' then')], CORRUPT_FLAG),
  out('markKeeps', [flag("value .. ${m}, 'KEEPTTL'", "'1' .. ${m}, 'KEEPTTL'")]),
  out('markKeeps', [flag(", 'KEEPTTL')", ')')]),
];
