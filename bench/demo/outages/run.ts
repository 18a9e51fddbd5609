import type { CityData } from '../cities.js';
import type { Home } from '../home.js';
import { keyOf } from '../stage.js';
import type { Breakable } from './breakable.js';
import { type ChildReader, openChildReader } from './child-reader.js';
import { finalCheck } from './final-check.js';
import { Findings } from './findings.js';
import { CityHistory } from './history.js';
import { Lines } from './lines.js';
import { paceOf } from './pace.js';
import { openParty, type Party } from './party.js';
import { heard, type Play, Tally } from './play.js';
import { readOn } from './readers.js';
import { outageReport } from './report.js';
import { outages } from './scenes.js';
import { writeOn } from './writers.js';

/** What the act is played on. */
export interface OutageStage {
  readonly tier: Breakable;
  readonly home: Pick<Home, 'driver' | 'url'>;
  /** What the durable store holds. */
  readonly cities: readonly CityData[];
  /** How long the outages take in all. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** One of them, the first, writes nothing: it learns of changes from the tiers alone. */
const PARTIES = [
  { name: 'the reader', cached: false },
  { name: 'the first writer', cached: true },
  { name: 'the second writer', cached: true },
] as const;

/** At most so many cities are written to: few enough to be read again soon. */
const WRITTEN = 1000;

/**
 * Breaks the hot tier while several holdfasts read and write, and checks every answer. Gives whether nothing was wrong, lost or
 * stale. `ready` is called when all of them are open.
 */
export async function playOutages(stage: OutageStage, ready: () => Promise<void>): Promise<boolean> {
  const { tier, home, seconds, signal, print } = stage;
  const pace = paceOf(seconds);
  const cities = chosen(stage.cities, WRITTEN).map((city) => new CityHistory(city));
  const keys = cities.map(({ first }) => keyOf(first));
  const parties: Party[] = [];
  let child: ChildReader | undefined;
  try {
    for (const options of PARTIES)
      parties.push(await openParty({ ...options, hot: await tier.connect(), driver: await home.driver(), pace }));
    if (tier.url !== undefined && home.url !== undefined)
      child = await openChildReader({ redis: tier.url, fallback: home.url, keys, pace });
    await ready();
    const end = new AbortController();
    const over = AbortSignal.any([end.signal, signal]);
    const readers = [...parties, ...(child ? [child] : [])];
    const play: Play = { parties, readers, cities, findings: new Findings(), tally: new Tally(), pace, over };
    const who = `${parties.length} holdfasts${child ? ', and one in another process,' : ''}`;
    print(`\nOutages: ${who} read and write ${cities.length} cities. ${tier.told}\n`);
    const lines = new Lines(play, print);
    child?.start(
      (reading) => heard(play, child!, reading),
      (error) => play.tally.failed('Reads', error),
    );
    lines.start();
    const load = loadOf(play);
    try {
      await outages(play, tier, lines, signal);
    } finally {
      end.abort();
      lines.stop();
      await load;
    }
    const checks = await finalCheck(play, signal);
    // It has been reading until now.
    await child?.stop();
    print(`\n${outageReport(play, checks)}`);
    return [play.findings, ...checks.map(({ findings }) => findings)].every(({ clean }) => clean);
  } catch (error) {
    // Of what waited when the user wanted the end, the error says less.
    signal.throwIfAborted();
    throw error;
  } finally {
    await child?.stop();
    await Promise.allSettled(parties.map((party) => party.close()));
  }
}

/** Everybody of this process reads, and all but the first write, until the act is over. */
async function loadOf(play: Play): Promise<void> {
  const { parties, cities, over, tally } = play;
  const [shared, ...domains] = dealt(cities, parties.length);
  const keys = cities.map(({ first }) => keyOf(first));
  const reads = parties.map((party) =>
    readOn({
      repository: party.repository,
      keys,
      stopped: () => over.aborted || party.dead,
      told: (reading) => heard(play, party, reading),
      failed: (error) => party.dead || tally.failed('Reads', error),
    }),
  );
  const writes = parties.slice(1).map((party, at) => writeOn(play, party, { own: domains[at]!, shared: shared! }));
  await Promise.all([...reads, ...writes]);
}

/** At most `count`, spread over all. */
const chosen = <T>(all: readonly T[], count: number): T[] =>
  Array.from(
    { length: Math.min(count, all.length) },
    (_, at) => all[Math.floor((at * all.length) / Math.min(count, all.length))]!,
  );

/** In so many hands, one after the other. */
const dealt = <T>(all: readonly T[], hands: number): T[][] =>
  Array.from({ length: hands }, (_, hand) => all.filter((_, at) => at % hands === hand));
