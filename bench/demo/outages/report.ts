import { grouped, table } from '../../support/table.js';
import { BRIEFLY } from '../city.js';
import type { TierCheck } from './final-check.js';
import type { Findings } from './findings.js';
import type { Play } from './play.js';

/** What was counted, and the verdict. */
export function outageReport({ findings, tally, pace }: Play, checks: readonly TierCheck[]): string {
  const all = [findings, ...checks.map((check) => check.findings)];
  const sum = (of: (one: Findings) => number) => all.reduce((total, one) => total + of(one), 0);
  const row = (name: string, one: Findings, answered: string) => [
    name,
    grouped(one.checked),
    answered,
    ...[one.wrong, one.lost, one.stale].map(grouped),
  ];
  const rows = [
    row('reads during the outages', findings, ''),
    ...checks.map((check) => row(`at the end: ${check.name}`, check.findings, grouped(check.answered))),
  ];
  const writes = `${grouped(tally.writes)} writes were acknowledged, ${grouped(tally.untold)} of them while the hot tier could not be told`;
  const failed = tally.failedReads + tally.failedWrites;
  const failures =
    failed === 0
      ? 'no call failed'
      : `${grouped(tally.failedReads)} reads and ${grouped(tally.failedWrites)} writes failed (${(tally.failure as Error).message})`;
  const recoveries = tally.recoveries.map(
    ({ after, ms }) => `${ms === undefined ? 'not within the time' : `${grouped(ms)} ms`} after ${after}`,
  );
  const within =
    findings.within === 0
      ? 'No read needed the bounds that are promised'
      : `${grouped(findings.within)} reads were older, within the bounds that are promised, the oldest by ${Math.ceil(findings.oldest)} ms`;
  const facts = [
    `${writes}; ${failures}.`,
    `Every holdfast was served by the hot tier again ${recoveries.join(', ')}.`,
    `${within}: ${BRIEFLY} ms for an in-process cache, ${Math.round(pace.repair)} ms for what the hot tier could not be told; each and the time of the calls themselves, of which the longest took ${Math.ceil(tally.longest)} ms.`,
  ];
  const verdict = `${grouped(sum((one) => one.wrong))} wrong, ${grouped(sum((one) => one.lost))} lost, ${grouped(sum((one) => one.stale))} stale.`;
  return [
    table(['checked', 'answers', 'by the tier itself', 'wrong', 'lost', 'stale'], rows),
    facts.join('\n'),
    [verdict, ...all.flatMap(({ examples }) => examples).map((text) => `  ${text}`)].join('\n'),
  ].join('\n\n');
}
