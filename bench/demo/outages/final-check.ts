import { setTimeout as sleep } from 'node:timers/promises';
import { keyOf } from '../stage.js';
import { Findings } from './findings.js';
import { now } from './now.js';
import type { Party } from './party.js';
import { boundOf, judge, type Play } from './play.js';

/** What was found at the end, in one tier. */
export interface TierCheck {
  readonly name: string;
  readonly findings: Findings;
  /** How many of the cities this tier itself answered. */
  readonly answered: number;
}

const LONGEST = 10_000;

/**
 * Reads every city that was written to from both tiers, when nobody writes any more and the bounds are over. The hot tier is
 * read as readers get it, by each party that lives, until it answers itself.
 */
export async function finalCheck(play: Play, stop: AbortSignal): Promise<TierCheck[]> {
  const { pace, parties, cities } = play;
  const living = parties.filter(({ dead }) => !dead);
  await sleep(Math.max(...living.map((party) => boundOf(play, party, false))), undefined, { signal: stop });
  const checks = [await checkTier(play, 'durable', living[0]!)];
  for (const party of living) {
    const end = now() + LONGEST;
    let check = await checkTier(play, 'any', party);
    // The first time fills what is cold; a hot tier that is not back yet gets its time.
    while (check.findings.clean && check.answered < cities.length && now() < end) {
      await sleep(pace.repair / 4, undefined, { signal: stop });
      check = await checkTier(play, 'any', party);
    }
    checks.push(check);
  }
  checks.push(await compareTiers(living[0]!));
  return checks;
}

async function checkTier(play: Play, from: 'durable' | 'any', party: Party): Promise<TierCheck> {
  const findings = new Findings();
  const before = party.counts();
  const begun = now();
  const keys = play.cities.map(({ first }) => keyOf(first));
  const answers = await party.repository.findMany(keys, from === 'durable' ? { from } : {});
  judge({ ...play, findings }, party, { from, at: [...keys.keys()], answers, begun, ended: now() });
  const after = party.counts();
  return from === 'durable'
    ? { name: 'durable store', findings, answered: after.durable - before.durable }
    : { name: `hot tier, read by ${party.name}`, findings, answered: after.hot - before.hot };
}

/** What holdfast itself finds: every hot entry, of whatever city, beside the durable one. */
async function compareTiers(party: Party): Promise<TierCheck> {
  const findings = new Findings();
  const { agreeing, differing, keys } = await party.verify();
  findings.compared(agreeing, differing, () => `one of ${JSON.stringify(keys.slice(0, 3))}`);
  return { name: 'verify(), both tiers side by side', findings, answered: agreeing + differing };
}
