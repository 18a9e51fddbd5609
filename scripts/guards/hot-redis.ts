import { type Edit, editOf, type Mutation } from './mutation.js';

const script = editOf('src/hot/redis/steps.ts');
const hash = editOf('src/hot/redis/hash-scripts.ts');
const flag = editOf('src/hot/redis/flag-scripts.ts');
const lock = editOf('src/hot/redis/lock.ts');
const marker = editOf('src/hot/redis/marker.ts');
const probe = editOf('src/hot/redis/probe.ts');
const lane = editOf('src/hot/redis/lane.ts');
const fault = editOf('src/hot/redis/fault.ts');
const store = editOf('src/hot/redis/store.ts');
const source = editOf('src/hot/redis/script.ts');

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
const PERMISSIONS = ['test/repository/redis-permissions.server.test.ts'];
const CHANNEL = ['test/hot/redis-channel.server.test.ts'];

const counting = lock('local now = clock()', 'local now = clock()\n  local was');
const marked = (unless: string) =>
  lock(`.. held .. '!'`, `.. held .. ((${unless}) and not string.find(m, '!', p, true) and '' or '!')`);
const unmarked = (where: string) => lock(`.. held .. '!'`, `.. held .. (${where} and '' or '!')`);

const putEmpties = hash("from)\n  redis.call('DEL', k)", 'from)');

/** The guards in the scripts of the hot store on Redis. */
export const HOT_REDIS: readonly Mutation[] = [
  out('lockFirst', [script('  else\n    local under = m', "  elseif token == '' then\n    local under = m")]),
  out('fillFenced', [script("if marker(KEYS[i]) == 'F' .. mine .. ARGV[1] then put", 'if true then put')]),
  out('lockEndsFill', [
    script(
      '  else\n    local under = m',
      "  elseif not m or string.sub(m, 1, 17) ~= 'F' .. mine then\n    local under = m",
    ),
  ]),
  out('lockExcludesFill', [
    script('if p then\n      local under = ${locked}', 'local under = p and ${locked}\n    if under then'),
  ]),
  out('joinDirty', [marked('join')]),
  out('dirtyNotServed', [marker("if string.sub(m, -1) == '!' then return end", '')]),
  out('dirtyNotSet', [
    script(
      'elseif string.sub(m, p + 1) == token and',
      "elseif (string.sub(m, p + 1) == token or string.sub(m, p + 1) == token .. '!') and",
    ),
  ]),
  out('ownLockOnly', [
    script('elseif string.sub(m, p + 1) == token and', "elseif not string.find(m, '!', p, true) and"),
  ]),
  out('lastOutDrops', [
    lock(
      "if #list == 0 then return redis.call('DEL', k) end",
      "if #list == 0 then\n    ${mark(\"'P' .. mine\")}\n    return redis.call('PERSIST', k)\n  end",
    ),
  ]),
  out('lostTokenDrops', [
    script("if not p then\n    redis.call('DEL', k)", "if not p then\n    redis.call('EXISTS', k)"),
  ]),
  out('lostTokenMarks', [
    counting,
    lock('if t == token then', 'if t == token then\n      was = true'),
    marked('not was and not join'),
  ]),
  out('abandonMarks', [
    counting,
    lock('if t == token then', 'if t == token then\n      was = not time'),
    unmarked('was'),
  ]),
  out('keepOthersLock', [
    counting,
    lock('if t == token then', 'if t == token then\n      was = true'),
    lock('if #list == 0 then', 'if #list == 0 or not was and not join then'),
  ]),
  out('abandonDrops', [script("or ARGV[1]) else redis.call('DEL', KEYS[i]) end", 'or ARGV[1]) end')]),
  out('deadTokenMarks', [
    counting,
    lock(
      'elseif ends > now then\n      put(t, ends)',
      'elseif ends > now then\n      put(t, ends)\n    else\n      was = true',
    ),
    unmarked('was and not join'),
  ]),
  out('deadTokenEnds', [lock('elseif ends > now then', 'else')]),
  out('dropKeepsLock', [
    script("if lock(m) then dirty(KEYS[i], m) else redis.call('DEL', KEYS[i]) end", "redis.call('DEL', KEYS[i])"),
  ]),
  out('dropMarks', [script('if lock(m) then dirty(KEYS[i], m) else', 'if not lock(m) then')]),
  out('epoch', [marker('local tag = string.sub(info, at + 14, at + 21)', "local tag = 'for ever'")], FAULTS),
  out('fingerprint', [marker('local mine = tag .. ${luaText(fingerprint)}', "local mine = tag .. '00000000'")]),
  out('servedFor', [marker("if redis.call('PTTL', k) < rest then return end", '')]),
  out('renewLasts', [lock("redis.call('PEXPIRE', k, time, 'GT')", '')]),
  out('renewOwnOnly', [
    lock(
      "if held ~= token and held ~= token .. '!' then return false end",
      "if string.find(held, ',', 1, true) then return false end",
    ),
  ]),
  out('neverShorter', [lock("redis.call('PEXPIRE', k, time, 'GT')", "redis.call('PEXPIRE', k, time)")]),
  out('neverShorter', [lock('till = math.max(ends, now + time)', 'till = now + time')]),
  out('heldEnds', [script("redis.call('PEXPIRE', k, time)", '')]),
  out('heldEnds', [hash("redis.call('PEXPIRE', k, ${time})", '')]),
  out('heldEnds', [flag("redis.call('PEXPIRE', k, ${time})", '')]),
  out('heldEnds', [lock("redis.call('PEXPIREAT', k, string.format('%.0f', last))", '')]),
  out('valueEnds', [marker('if till >= 0 and clock() >= till then return end', '')]),
  out('valueEnds', [hash("if ttl ~= '' then redis.call('PEXPIRE', k, ttl) end", '')]),
  out('valueEnds', [flag("if ttl ~= '' then redis.call('PEXPIRE', k, ttl) end", '')]),
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
  out('foreignGoes', [flag("if type(s) == 'table' then redis.call('UNLINK', k) end", '')], CORRUPT_FLAG),
  out('foreignGoes', [script("`redis.call('UNLINK', k)`", "''")], CORRUPT),
  out(
    'neverQueued',
    [lane("if (status !== 'ready' && ", "if (status === 'end' && ")],
    ['test/tiers/guards-redis.server.test.ts'],
  ),
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
