import { mkdir, rm } from 'node:fs/promises';
import { Holdfast } from 'holdfast';
import { dropKeys, dropTables } from '../support/clean-up.js';
import { grouped } from '../support/table.js';
import { change, remove } from './acts/change.js';
import { readMissing, readPart, readWhole } from './acts/read.js';
import { save } from './acts/save.js';
import { stream } from './acts/stream.js';
import { Answers } from './answers.js';
import { loadCities } from './cities.js';
import { CITY, City } from './city.js';
import type { DemoOptions } from './options.js';
import { Progress } from './progress.js';
import { report } from './report.js';
import { type Act, textOf } from './stage.js';
import { fallbackDriver, hotStore } from './stores.js';
import { TierCounter } from './tiers.js';

const ACTS: readonly Act[] = [save, readWhole, readMissing, readPart, change, remove, stream];

/** Plays all acts, prints what became of them, and drops what they made. Tells whether every answer was right. */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<boolean> {
  const home = homeOf(options.fallback);
  const counter = new TierCounter();
  const progress = new Progress();
  let opened = false;
  try {
    await home.prepare();
    const hot = await hotStore(options.redis, CITY);
    const holdfast = await Holdfast.open({
      entities: [City],
      redis: counter.hot(hot),
      fallbacks: { home: counter.durable(await fallbackDriver('home', home.url)) },
      synchronize: true,
    });
    opened = true;
    try {
      const truth = new Map(loadCities(options.limit).map((city) => [textOf(city), city]));
      const names = { hot: options.redis ? 'Redis' : 'hot tier in process', durable: home.name };
      console.log(`${grouped(truth.size)} cities, through an in-process cache, ${names.hot} and ${names.durable}.`);
      console.log(`They are called ${CITY} there, and are dropped at the end.\n`);
      const answers = new Answers(() => counter.counts);
      const repository = holdfast.repository(City);
      for (const act of ACTS) await act({ repository, truth, answers, progress, signal });
      console.log(`\n${report(answers, names)}`);
      return answers.wrong === 0;
    } finally {
      progress.stop();
      await holdfast.close();
    }
  } finally {
    if (opened) {
      if (options.redis !== undefined) await dropKeys(options.redis, CITY);
      await home.remove();
    }
  }
}

interface Home {
  readonly url: string;
  readonly name: string;
  prepare(): Promise<void>;
  remove(): Promise<void>;
}

const NAMES: Readonly<Record<string, string>> = {
  postgresql: 'PostgreSQL',
  postgres: 'PostgreSQL',
  mysql: 'MySQL',
  mariadb: 'MariaDB',
  sqlite: 'SQLite',
};

/** Where the cities live durably. Of a directory, only one below it is ours. */
function homeOf(given: string): Home {
  const [, scheme = '', rest = ''] = /^([a-z]+):(.*)$/s.exec(given) ?? [];
  const name = NAMES[scheme] ?? scheme;
  if (scheme !== 'file') return { url: given, name, prepare: async () => {}, remove: () => dropTables(given, [CITY]) };
  const directory = `${rest.startsWith('//') ? decodeURIComponent(new URL(given).pathname) : rest}/${CITY}`;
  return {
    url: `file:${directory}`,
    name: 'files',
    prepare: async () => void (await mkdir(directory, { recursive: true })),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
