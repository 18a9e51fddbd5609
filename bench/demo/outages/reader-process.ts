// A reader in a process of its own: it writes nothing, and learns of changes from the tiers alone.
import { openDriver, openHot } from 'holdfast/testing';
import type { CityKey } from '../cities.js';
import { CITY, PlainCity } from '../city.js';
import { TierCounter, type TierCounts } from '../tiers.js';
import type { Pace } from './pace.js';
import { hotStateOf, openCities, type TierState } from './party.js';
import { type Reading, readOn } from './readers.js';

/** What the process is told first; after that only that it is over. */
export interface ReaderOrders {
  readonly redis: string;
  readonly fallback: string;
  readonly keys: readonly CityKey[];
  readonly pace: Pace;
}

/** What it tells: first that it is open, then what it has read. */
export interface ReaderNews {
  readonly readings: readonly Reading[];
  readonly failures: readonly string[];
  readonly counts: TierCounts;
  readonly hotState: TierState;
  readonly over: boolean;
}

const TELL_EVERY = 50;

async function read({ redis, fallback, keys, pace }: ReaderOrders, over: AbortSignal): Promise<void> {
  const counter = new TierCounter(CITY);
  const hot = counter.hot(await openHot(redis, CITY));
  const holdfast = await openCities(PlainCity, hot, counter.durable(await openDriver(fallback, 'home')), pace);
  let readings: Reading[] = [];
  let failures: string[] = [];
  const tell = () => {
    const news: ReaderNews = {
      readings,
      failures,
      counts: counter.counts,
      hotState: hotStateOf(holdfast),
      over: over.aborted,
    };
    process.send!(news);
    readings = [];
    failures = [];
  };
  tell();
  const timer = setInterval(tell, TELL_EVERY);
  await readOn({
    repository: holdfast.repository(PlainCity),
    keys,
    stopped: () => over.aborted,
    told: (reading) => readings.push(reading),
    failed: (error) => failures.push((error as Error).message),
  });
  clearInterval(timer);
  tell();
  await holdfast.close();
}

// Ctrl-C goes to all processes; this one ends when the demo has said so, or has ended.
process.on('SIGINT', () => {});
process.once('disconnect', () => process.exit());
process.once('message', (orders: ReaderOrders) => {
  const end = new AbortController();
  process.once('message', () => end.abort());
  read(orders, end.signal).then(
    () => process.disconnect(),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
