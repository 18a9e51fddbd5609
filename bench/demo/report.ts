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

const wrongOnes = ({ examples, total, wrong }: Answers): string =>
  `${grouped(wrong)} of ${grouped(total)} answers are WRONG:\n${examples.map((text) => `  ${text}`).join('\n')}`;

function actsTable({ acts }: Answers, tiers: readonly Tier[], titles: Readonly<Record<Tier, string>>): string {
  const rows = acts.map((act) => [
    act.name,
    grouped(act.answers),
    ...tiers.map((tier) => (act.kind === 'reads' ? dash(act.tiers[tier]) : '')),
    rate(act.answers, act.seconds),
    grouped(act.wrong),
  ]);
  return table(['act', 'answers', ...tiers.map((tier) => titles[tier]), 'per second', 'wrong'], rows);
}

/** The tables, and the verdict. */
export function report(answers: Answers, names: TierNames): string {
  const { acts, total, wrong } = answers;
  const titles = { cache: 'in-process cache', ...names };
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
  return [
    actsTable(answers, TIERS, titles),
    table(['answered by', 'reads', 'reads per second'], tierRows),
    wrong === 0 ? `Each of ${grouped(total)} answers was checked field by field: 0 are wrong.` : wrongOnes(answers),
  ].join('\n\n');
}

/** The table of the acts of collections, which have no in-process cache, and the verdict. */
export function collectionsReport(answers: Answers, names: TierNames): string {
  const { total, wrong } = answers;
  return [
    actsTable(answers, ['hot', 'durable'], { cache: '', ...names }),
    wrong === 0 ? `${grouped(total)} answers checked member by member, 0 wrong.` : wrongOnes(answers),
  ].join('\n\n');
}
