import { grouped } from '../../support/table.js';
import type { TierCounts } from '../tiers.js';
import type { Reader } from './party.js';
import type { Play } from './play.js';

const COLUMNS = [
  ['s', 3],
  ['hot tier', 24],
  ['up for', 6],
  ['hot', 6],
  ['cache', 6],
  ['durable', 7],
  ['both', 6],
  ['durable', 7],
  ['failed', 6],
  ['slowest', 8],
  ['wrong', 5],
  ['lost', 4],
  ['stale', 5],
] as const;

/** Tells each second what was read from which tier, what was written, and what was found so far. */
export class Lines {
  readonly #play: Play;
  readonly #print: (line: string) => void;
  /** What it did since the last line. */
  #states: string[] = ['healthy'];
  #second = 0;
  #before: Readonly<Record<string, number>>;
  #last = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(play: Play, print: (line: string) => void) {
    this.#play = play;
    this.#print = print;
    this.#before = this.#sums();
  }

  start(): void {
    this.#print(`${' '.repeat(39)}reads per second from   writes per sec. to`);
    this.#print(row(COLUMNS.map(([name]) => name)));
    this.#print(COLUMNS.map(([, width]) => '─'.repeat(width)).join('──'));
    this.#last = performance.now();
    this.#timer = setInterval(() => this.#line(), 1000);
  }

  /** What the hot tier does from now on. */
  state(state: string): void {
    this.#states.push(state);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #sums(): Readonly<Record<string, number>> {
    const { readers, tally } = this.#play;
    const total = (of: readonly Reader[], tier: keyof TierCounts) =>
      of.reduce((sum, one) => sum + one.counts()[tier], 0);
    const cached = readers.filter(({ caches }) => caches > 0);
    return {
      hot: total(readers, 'hot'),
      durable: total(readers, 'durable'),
      cache: tally.behindCaches - total(cached, 'hot') - total(cached, 'durable'),
      told: tally.told,
      untold: tally.untold,
      failed: tally.failedReads + tally.failedWrites,
    };
  }

  #line(): void {
    const { findings, readers, tally } = this.#play;
    const now = performance.now();
    const sums = this.#sums();
    const rate = (name: string) => {
      const count = Math.max(0, sums[name]! - this.#before[name]!);
      return count === 0 ? '–' : grouped((count * 1000) / (now - this.#last));
    };
    const living = readers.filter(({ dead }) => !dead);
    const up = living.filter((reader) => reader.hotState() === 'up').length;
    const failed = sums.failed! - this.#before.failed!;
    const found = [failed, Math.ceil(tally.slowest()), findings.wrong, findings.lost, findings.stale].map(grouped);
    found[1] += ' ms';
    this.#print(
      row([
        String(++this.#second),
        this.#states.slice(-2).join(' → '),
        `${up} of ${living.length}`,
        ...['hot', 'cache', 'durable', 'told', 'untold'].map(rate),
        ...found,
      ]),
    );
    this.#states = this.#states.slice(-1);
    this.#before = sums;
    this.#last = now;
  }
}

const row = (cells: readonly string[]): string =>
  cells
    .map((cell, at) => (at === 1 ? cell.padEnd(COLUMNS[at]![1]) : cell.padStart(COLUMNS[at]![1])))
    .join('  ')
    .trimEnd();
