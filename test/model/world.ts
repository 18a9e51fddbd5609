import type { Guards } from './guards.js';
import { type Fault, NONE, type State, SUBSCRIBED, VALID, WHOLE } from './state.js';

/** One write of a scenario. */
export interface WriterPlan {
  readonly process: number;
  /** A put or a delete of the whole entry, a delta of one member, or a put past the tiers that drops the entry then. */
  readonly change: 'put' | 'delete' | 'delta 0' | 'delta 1' | 'past';
  /** Its lock may end before its statement does. */
  readonly slow?: boolean;
}

/** One reader of a process, which loads so many times. */
export interface LoadPlan {
  readonly process: number;
  readonly times: number;
}

/** Who is there, and what may go wrong how often. */
export interface Scenario {
  readonly name: string;
  readonly processes: number;
  readonly writers: readonly WriterPlan[];
  readonly loads: readonly LoadPlan[];
  readonly cache?: boolean;
  /** The durable store has no transactions: a row is put before its write. */
  readonly journal?: boolean;
  /** What is there at first: an entry that is hot by default. */
  readonly first?: 'hot' | 'cold' | 'absent';
  readonly faults?: Partial<Readonly<Record<Fault, number>>>;
  /** What cuts the links: one process at a time, or all together. */
  readonly cuts?: 'one' | 'all';
}

/** What the steps work on: one state, and the rules in force. */
export interface World {
  readonly state: State;
  readonly guards: Guards;
  readonly scenario: Scenario;
  /** What a step found to be against the promises. */
  wrong: string | undefined;
}

export const membersOf = ({ change }: WriterPlan): number =>
  change === 'delta 0' ? 0b01 : change === 'delta 1' ? 0b10 : WHOLE;

export const isDelta = ({ change }: WriterPlan): boolean => change.startsWith('delta');

/** Whether a version is that of an entry that does not exist; a deletion is always of the whole. */
export const isAbsent = ({ common }: State, value: number): boolean => ((common.deletions >> (value & 0xf)) & 1) === 1;

/** Takes one of the faults that are left. */
export function spend({ common }: State, fault: Fault): void {
  common[fault]--;
}

/** The first state of a scenario. */
export function begin({ state, scenario }: World): void {
  state.words.fill(0);
  const { hot, common, loads, processes } = state;
  hot.value = NONE;
  if (scenario.first !== 'cold') {
    hot.kind = VALID;
    hot.value = 0;
  }
  if (scenario.first === 'absent') common.deletions = 1;
  common.savedValue = NONE;
  for (const [fault, times] of Object.entries(scenario.faults ?? {})) common[fault as Fault] = times;
  loads.forEach((load, index) => {
    load.left = scenario.loads[index]!.times;
  });
  for (const process of processes) {
    process.cached = NONE;
    process.channel = SUBSCRIBED;
  }
}

/** The hot tier did not answer a process: it trusts it no more until it has drained. */
export function lose({ state }: World, process: number): void {
  const of = state.processes[process]!;
  of.lost = 1;
  if (of.drain > 0) of.lostAgain = 1;
}
