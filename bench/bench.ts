// Holdfast beside what one would write by hand: in one run, on the same data, in turns. bench/README.md tells more.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BOARD_TABLES } from './cases/boards.js';
import { cacheHit } from './cases/cache-hit.js';
import { postgres, sqlite } from './cases/databases.js';
import { dialogTurns } from './cases/dialog-turn.js';
import { durableFind } from './cases/durable-find.js';
import { durableSave } from './cases/durable-save.js';
import { beginCommit, hotSave } from './cases/hot-save.js';
import { largeSetChange } from './cases/large-set-change.js';
import { largeSetPage } from './cases/large-set-page.js';
import { PERSON } from './cases/people.js';
import { PLAIN_TABLE } from './cases/plain-database.js';
import { redisFind, redisFindMany } from './cases/redis-find.js';
import { redisMemory } from './cases/redis-memory.js';
import { redisPage } from './cases/redis-page.js';
import { userValues } from './cases/values.js';
import type { BenchCase, BenchContext } from './harness/case.js';
import { type MeasureOptions, measure } from './harness/measure.js';
import { printed } from './harness/print.js';
import { printedRooms } from './harness/room.js';
import { verify } from './harness/verify.js';
import { UnreachableError, versions } from './harness/versions.js';
import { dropKeys, dropTables } from './support/clean-up.js';

const CASES: readonly BenchCase[] = [
  cacheHit,
  redisFind,
  redisFindMany,
  durableFind(postgres, 1.7),
  durableFind(sqlite, 5),
  durableSave(postgres),
  durableSave(sqlite),
  hotSave,
  beginCommit,
  ...dialogTurns,
  redisPage,
  largeSetPage,
  largeSetChange,
  redisMemory,
  userValues,
];

const USAGE = `npm run bench -- [--quick] [--only NAME]…

  --quick       short measurements: an impression in a minute and a half
  --only NAME   only this one, or these: ${CASES.map(({ name }) => name).join(', ')}
  --disk        commits wait for the disk, as they do by default. That takes the same time for all, and hides the rest

Servers: REDIS_URL (redis://127.0.0.1:6379 where it is not set) and POSTGRES_URL (postgresql://postgres@127.0.0.1:5432/test).
On them it writes to tables and keys of its own, and drops them at the end.`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    disk: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const unknown = values.only.find((name) => !CASES.some((one) => one.name === name));
if (values.help) console.log(USAGE);
else if (unknown !== undefined) {
  console.error(`There is no benchmark ${unknown}.\n\n${USAGE}`);
  process.exitCode = 1;
} else {
  const cases = CASES.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
  // Every connection to PostgreSQL in this process reads it.
  if (!values.disk) process.env.PGOPTIONS = '-c synchronous_commit=off';
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stop.abort(new Error('Interrupted.')));
  try {
    await run(cases, { ...(values.quick ? { rounds: 3, time: 60 } : { rounds: 9, time: 200 }), signal: stop.signal });
  } catch (error) {
    process.exitCode = 1;
    console.error(error instanceof UnreachableError || stop.signal.aborted ? `\n${(error as Error).message}` : error);
  }
}

async function run(cases: readonly BenchCase[], options: MeasureOptions): Promise<void> {
  const context: BenchContext = {
    redisUrl: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379',
    postgresUrl: process.env.POSTGRES_URL ?? 'postgresql://postgres@127.0.0.1:5432/test',
    ownName: PERSON,
    disk: values.disk,
    folder: await mkdtemp(join(tmpdir(), 'holdfast-bench-')),
  };
  const needed = new Set(cases.flatMap(({ needs }) => needs));
  let reached = false;
  try {
    console.log(await versions(context, needed));
    reached = true;
    for (const one of cases) await runCase(one, context, options);
  } finally {
    if (reached && needed.has('redis')) await dropKeys(context.redisUrl, context.ownName);
    if (reached && needed.has('postgres'))
      await dropTables(context.postgresUrl, [PERSON, PLAIN_TABLE, ...BOARD_TABLES]);
    await rm(context.folder, { recursive: true, force: true });
  }
}

async function runCase(one: BenchCase, context: BenchContext, options: MeasureOptions): Promise<void> {
  const { comparisons, rooms = [], close } = await one.open(context);
  try {
    for (const comparison of comparisons) {
      await verify(comparison);
      console.log(`\n${printed(`${one.name}: ${comparison.title}`, await measure(comparison, options))}`);
    }
    if (rooms.length > 0) console.log(`\n${printedRooms(one.name, rooms)}`);
  } finally {
    await close();
  }
}
