import { Holdfast, ValidationError } from 'holdfast';
import { type RedisServer, startRedis } from '../../test/support/redis-process.js';
import { grouped } from '../support/table.js';
import { change, remove } from './acts/change.js';
import { readMissing, readPart, readWhole } from './acts/read.js';
import { save } from './acts/save.js';
import { stream } from './acts/stream.js';
import { visit } from './acts/visit.js';
import { Answers } from './answers.js';
import { loadCities } from './cities.js';
import { CITY, City } from './city.js';
import { homeOf } from './home.js';
import type { DemoOptions } from './options.js';
import type { Breakable } from './outages/breakable.js';
import { givenRedis } from './outages/given-redis.js';
import { inProcess } from './outages/in-process.js';
import { ownRedis } from './outages/own-redis.js';
import { playOutages } from './outages/run.js';
import { Progress } from './progress.js';
import { report } from './report.js';
import { type Act, textOf } from './stage.js';
import { hotStore } from './stores.js';
import { TierCounter } from './tiers.js';
import { VISITED, Visited } from './visited.js';

const ACTS: readonly Act[] = [save, readWhole, readMissing, readPart, change, remove, stream, visit];

/** Plays all acts, prints what became of them, and drops what they made. Tells whether every answer was right. */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<boolean> {
  const own = options.redis === 'own' ? await startOwn() : undefined;
  const redis = own?.url ?? options.redis;
  const tier = own ? ownRedis(own, CITY) : redis === undefined ? inProcess() : givenRedis(redis, CITY);
  try {
    return await playOn({ ...options, redis }, tier, signal);
  } finally {
    await own?.stop();
  }
}

/** As {@link runDemo}, with the hot tier that the outages break. */
export async function playOn(options: DemoOptions, tier: Breakable, signal: AbortSignal): Promise<boolean> {
  const { redis } = options;
  const home = await homeOf(options.fallback, tier.url !== undefined);
  const counter = new TierCounter(CITY, VISITED);
  const progress = new Progress();
  let opened = false;
  try {
    const holdfast = await Holdfast.open({
      entities: [City, Visited],
      redis: counter.hot(await hotStore(redis, CITY)),
      fallbacks: { home: counter.durable(await home.driver()) },
      namespace: CITY,
      synchronize: true,
    });
    opened = true;
    try {
      const truth = new Map(loadCities(options.limit).map((city) => [textOf(city), city]));
      const names = { hot: redis === undefined ? 'hot tier in process' : 'Redis', durable: home.name };
      console.log(`${grouped(truth.size)} cities, through an in-process cache, ${names.hot} and ${names.durable}.`);
      console.log(`They are called ${CITY} there, and are dropped at the end.\n`);
      const answers = new Answers(() => counter.counts);
      const repository = holdfast.repository(City);
      const visited = holdfast.repository(Visited);
      for (const act of ACTS) await act({ repository, visited, truth, answers, progress, signal });
      console.log(`\n${report(answers, names)}`);
      if (options.outages === 0) return answers.wrong === 0;
      const stage = { tier, home, cities: [...truth.values()], seconds: options.outages, signal };
      // A store that lives only as long as it is open is passed on before it is closed here.
      const clean = await playOutages({ ...stage, print: (line) => console.log(line) }, () => holdfast.close());
      return clean && answers.wrong === 0;
    } finally {
      progress.stop();
      await holdfast.close();
    }
  } finally {
    if (opened) {
      await tier.close();
      await home.remove();
      // What could not be opened can often not be removed either; why, is being said.
    } else await home.remove().catch(() => {});
  }
}

/** @throws ValidationError where no redis-server is installed */
async function startOwn(): Promise<RedisServer> {
  try {
    return await startRedis();
  } catch (error) {
    if (!String(error).includes('ENOENT')) throw error;
    throw new ValidationError(
      '--redis own needs redis-server, which is not installed. Install it, set REDIS_SERVER to its path, or leave --redis out.',
      { cause: error },
    );
  }
}
