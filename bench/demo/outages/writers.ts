import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError } from 'holdfast';
import type { CityData } from '../cities.js';
import { difference } from '../difference.js';
import { keyOf, textOf } from '../stage.js';
import type { CityHistory } from './history.js';
import { now } from './now.js';
import type { Party } from './party.js';
import type { Play } from './play.js';
import { choose } from './readers.js';

const AT_ONCE = 4;
const PAUSE = 10;

/** What one party writes. */
export interface Domain {
  /** Cities that nobody else writes to: saved, patched, deleted and inserted again. */
  readonly own: readonly CityHistory[];
  /** Cities whose population all writers count up. */
  readonly shared: readonly CityHistory[];
}

/** Writes one party's way until the act is over. No city is written to twice at once by one party. */
export async function writeOn(play: Play, party: Party, { own, shared }: Domain): Promise<void> {
  while (!play.over.aborted && !party.dead) {
    const owned = choose(own, AT_ONCE).map((city) => write(play, party, city, changeOwn));
    const grown = choose(shared, AT_ONCE).map((city) => write(play, party, city, countUp));
    await Promise.all([...owned, ...grown]);
    await sleep(PAUSE);
  }
}

/** Makes one write; gives the version that it made, or what is wrong with the answer. */
type Write = (party: Party, city: CityHistory) => Promise<{ version: number; fault?: string | undefined }>;

async function write({ findings, tally }: Play, party: Party, city: CityHistory, make: Write): Promise<void> {
  const begun = now();
  const subject = () => `city ${textOf(city.first)}, written by ${party.name},`;
  try {
    const { version, fault } = await make(party, city);
    tally.took(now() - begun);
    if (fault !== undefined) findings.wrote(subject, fault);
    // Two sums that are the same: one of the two writes has been lost.
    else if (city.isAcknowledged(version)) findings.missing(subject, `was acknowledged twice as version ${version}`);
    const told = party.deliveries.told(textOf(city.first), begun);
    city.acknowledge(version, told);
    if (told) tally.told++;
    else tally.untold++;
  } catch (error) {
    if (party.dead) return;
    if (error instanceof StoreUnavailableError) tally.failed('Writes', error);
    else findings.wrote(subject, `failed: ${(error as Error).message}`);
  }
}

const countUp: Write = async ({ repository }, city) => {
  const { population } = city.first;
  const value = { ...city.first, population: population + city.begun + 1 };
  city.begin(value);
  const version = (await repository.increment(keyOf(city.first), 'population', 1)) - population;
  if (version >= 1 && version <= city.begun) return { version };
  return { version: city.begun, fault: `is ${version} after ${city.begun} increments` };
};

/** Each version has a population of its own, by which it is known. */
const changeOwn: Write = async ({ repository }, city) => {
  const key = keyOf(city.first);
  const { newest, settled } = city;
  const next = city.begun + 1;
  const value: CityData = {
    ...city.first,
    name: `${city.first.name} (${next})`,
    population: city.first.population + next,
  };
  if (settled && newest && next % 8 === 5) {
    const version = city.begin(undefined);
    return { version, fault: (await repository.delete(key)) ? undefined : 'was not there to be deleted' };
  }
  const version = city.begin(value);
  if (settled && !newest && next % 2 === 0)
    return { version, fault: difference(value, await repository.insert(repository.create(value))) };
  if (settled && newest && next % 2 === 1) {
    const { name, population } = value;
    return { version, fault: difference(value, await repository.update(key, { name, population })) };
  }
  // After a write of which nobody knows whether it was made, only a whole one will do.
  return { version, fault: difference(value, await repository.save(repository.create(value))) };
};
