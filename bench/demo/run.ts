import { Holdfast, ValidationError } from 'holdfast';
import { type RedisServer, startRedis } from '../../test/support/redis-process.js';
import { grouped } from '../support/table.js';
import { change, remove } from './acts/change.js';
import { locate } from './acts/locate.js';
import { rank } from './acts/rank.js';
import { readMissing, readPart, readWhole } from './acts/read.js';
import { save } from './acts/save.js';
import { stream } from './acts/stream.js';
import { visit } from './acts/visit.js';
import { Answers } from './answers.js';
import { loadCities } from './cities.js';
import { BY_POPULATION, CitiesByPopulation } from './cities-by-population.js';
import { CITY, City } from './city.js';
import { CityMap, MAP } from './city-map.js';
import { homeOf } from './home.js';
import type { DemoOptions } from './options.js';
import type { Breakable } from './outages/breakable.js';
import { givenRedis } from './outages/given-redis.js';
import { inProcess } from './outages/in-process.js';
import { ownRedis } from './outages/own-redis.js';
import { playOutages } from './outages/run.js';
import { Progress } from './progress.js';
import { collectionsReport, report } from './report.js';
import { type Act, type Stage, textOf } from './stage.js';
import { hotStore } from './stores.js';
import { TierCounter } from './tiers.js';
import { VISITED, Visited } from './visited.js';

const ACTS: readonly Act[] = [save, readWhole, readMissing, readPart, change, remove, stream, visit];
const COLLECTION_ACTS: readonly Act[] = [rank, locate];

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
  const collectionCounter = new TierCounter(BY_POPULATION, MAP);
  const progress = new Progress();
  let opened = false;
  try {
    const holdfast = await Holdfast.open({
      entities: [City, Visited, CitiesByPopulation, CityMap],
      redis: collectionCounter.hot(counter.hot(await hotStore(redis, CITY))),
      fallbacks: { home: collectionCounter.durable(counter.durable(await home.driver())) },
      namespace: CITY,
      synchronize: true,
    });
    opened = true;
    try {
      const cities = loadCities(options.limit);
      const truth = new Map(cities.map((city) => [textOf(city), city]));
      const names = { hot: redis === undefined ? 'hot tier in process' : 'Redis', durable: home.name };
      console.log(`${grouped(truth.size)} cities, through an in-process cache, ${names.hot} and ${names.durable}.`);
      console.log(`They are called ${CITY} there, and are dropped at the end.\n`);
      const answers = new Answers(() => counter.counts);
      const stage: Stage = {
        repository: holdfast.repository(City),
        visited: holdfast.repository(Visited),
        rankings: holdfast.repository(CitiesByPopulation),
        maps: holdfast.repository(CityMap),
        cities,
        truth,
        answers,
        progress,
        signal,
      };
      for (const act of ACTS) await act(stage);
      console.log(`\n${report(answers, names)}`);
      const ofCollections = new Answers(() => collectionCounter.counts);
      const countries = new Set(cities.map(({ country }) => country)).size;
      console.log(`\nThe same cities as collections: ${countries} sorted sets, and one map.\n`);
      for (const act of COLLECTION_ACTS) await act({ ...stage, answers: ofCollections });
      console.log(`\n${collectionsReport(ofCollections, names)}`);
      const right = answers.wrong === 0 && ofCollections.wrong === 0;
      if (options.outages === 0) return right;
      const outages = { tier, home, cities: [...truth.values()], seconds: options.outages, signal };
      // A store that lives only as long as it is open is passed on before it is closed here.
      const clean = await playOutages({ ...outages, print: (line) => console.log(line) }, () => holdfast.close());
      return clean && right;
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
