import { grouped, table } from '../support/table.js';
import type { ActResult, Answers } from './answers.js';

/** What the tiers are called in the report. */
export interface TierNames {
  readonly hot: string;
  readonly durable: string;
}

type Tier = keyof ActResult['tiers'];
const TIERS = ['cache', 'hot', 'durable'] as const satisfies readonly Tier[];

const dash = (count: number): string => (count === 0 ? '–' : grouped(count));
const rate = (count: number, seconds: number): string => (count === 0 ? '–' : grouped(count / Math.max(seconds, 1e-6)));

/** The tables, and the verdict. */
export function report({ acts, examples, total, wrong }: Answers, names: TierNames): string {
  const titles = { cache: 'in-process cache', hot: names.hot, durable: names.durable };
  const actRows = acts.map((act) => [
    act.name,
    grouped(act.answers),
    ...TIERS.map((tier) => (act.kind === 'reads' ? dash(act.tiers[tier]) : '')),
    rate(act.answers, act.seconds),
    grouped(act.wrong),
  ]);
  const tierRows = TIERS.map((tier) => {
    const reads = acts.reduce((sum, act) => sum + act.tiers[tier], 0);
    const alone = acts.filter((act) => act.tiers[tier] > 0 && act.tiers[tier] === act.answers);
    const sum = (of: (act: ActResult) => number) => alone.reduce((total, act) => total + of(act), 0);
    return [
      titles[tier],
      grouped(reads),
      rate(
        sum((act) => act.answers),
        sum((act) => act.seconds),
      ),
    ];
  });
  const verdict =
    wrong === 0
      ? `Each of ${grouped(total)} answers was checked field by field: 0 are wrong.`
      : `${grouped(wrong)} of ${grouped(total)} answers are WRONG:\n${examples.map((text) => `  ${text}`).join('\n')}`;
  return [
    table(['act', 'answers', ...TIERS.map((tier) => titles[tier]), 'per second', 'wrong'], actRows),
    table(['answered by', 'reads', 'reads per second'], tierRows),
    verdict,
  ].join('\n\n');
}
