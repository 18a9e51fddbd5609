import * as hotSteps from './hot-steps.js';
import { detach } from './load-steps.js';
import {
  BEGUN,
  BROKEN,
  bit,
  COLD,
  DEAD,
  DONE,
  FILLING,
  IDLE,
  LOCKED,
  NONE,
  ORPHANED,
  rowOf,
  SUBSCRIBED,
  UNKNOWN,
  VALID,
} from './state.js';
import type { Step } from './step.js';
import { spend, type World } from './world.js';
import { unsaid } from './write-steps.js';

/** Everything that can happen to the writers, the readers and the hot tier next. */
export function faultSteps(world: World, step: Step): void {
  hotFaults(world, step);
  linkFaults(world, step);
  const { common, processes } = world.state;
  for (let index = 0; index < processes.length; index++) {
    if (common.kill) step('process', index, 'is killed, and starts again', () => kill(world, index));
    if (world.scenario.cache) channelSteps(world, index, step);
  }
}

function hotFaults(world: World, step: Step): void {
  const { state, guards } = world;
  const { hot, common } = state;
  if (common.expire) {
    if (hot.kind === VALID || hot.kind === FILLING)
      step('hot entry', 0, 'expires', () => {
        spend(state, 'expire');
        hotSteps.clear(world);
      });
    if (hot.kind === LOCKED)
      for (let index = 0; index < state.writers.length; index++)
        if (hot.tokens & bit(index) && mayEnd(world, index))
          step('token of writer', index, 'expires', () => {
            spend(state, 'expire');
            state.writers[index]!.lockLost = 1;
            hotSteps.expire(world, index);
          });
    if (hot.kind === LOCKED && hot.value !== NONE)
      step('value under the lock', 0, 'expires', () => {
        spend(state, 'expire');
        hot.value = NONE;
      });
  }
  if (common.flush && hot.kind !== COLD)
    step('Redis', 0, 'is emptied', () => {
      spend(state, 'flush');
      loseLocks(world);
    });
  if (common.restart) {
    if (!guards.epoch && hot.kind === VALID && common.savedKind === 0)
      step('Redis', 0, 'is saved', () => {
        common.savedKind = VALID;
        common.savedValue = hot.value;
      });
    step('Redis', 0, 'restarts with old data', () => {
      spend(state, 'restart');
      loseLocks(world);
      if (common.savedKind) {
        hot.kind = VALID;
        hot.value = common.savedValue;
        common.savedKind = 0;
        common.savedValue = NONE;
      }
      for (const process of state.processes) breakChannel(process);
    });
  }
}

function loseLocks(world: World): void {
  const { hot, writers } = world.state;
  writers.forEach((writer, index) => {
    if (hot.tokens & bit(index)) writer.lockLost = 1;
  });
  hotSteps.clear(world);
}

/** The contract: a statement ends before its lock does, and a lock that is renewed does not end. */
function mayEnd({ state, scenario }: World, index: number): boolean {
  const { at, unconfirmed } = state.writers[index]!;
  const plan = scenario.writers[index]!;
  if (at === BEGUN || at === ORPHANED) return plan.slow ?? unconfirmed === 1;
  if (at === UNKNOWN) return state.processes[plan.process]!.cut === 1;
  return true;
}

function linkFaults(world: World, step: Step): void {
  const { state, guards, scenario } = world;
  const { common, processes } = state;
  const cut = (index: number, value: number) => {
    const process = processes[index]!;
    process.cut = value;
    // The break of the old connection is heard of before a new one is used.
    if (value === 0 && guards.lostOnBreak) {
      process.lost = 1;
      if (process.drain) process.lostAgain = 1;
    }
  };
  const all = scenario.cuts === 'all';
  const targets = all ? [0] : processes.map((_, index) => index);
  for (const target of targets) {
    const others = all ? processes.map((_, index) => index) : [target];
    if (common.cut && !processes[target]!.cut)
      step(all ? 'link of all' : 'link of process', target, 'is cut', () => {
        spend(state, 'cut');
        for (const index of others) cut(index, 1);
      });
    if (processes[target]!.cut)
      step(all ? 'link of all' : 'link of process', target, 'is healed', () => {
        for (const index of others) cut(index, 0);
      });
  }
}

function kill(world: World, index: number): void {
  const { state, guards, scenario } = world;
  spend(state, 'kill');
  const process = state.processes[index]!;
  state.writers.forEach((writer, at) => {
    if (scenario.writers[at]!.process !== index) return;
    const unsent = scenario.journal && writer.unconfirmed && !writer.journaled;
    if (writer.at === UNKNOWN || (writer.at === BEGUN && !unsent)) writer.at = ORPHANED;
    else if (writer.at !== IDLE && writer.at !== DONE && writer.at !== DEAD && writer.at !== ORPHANED) {
      unsaid(world, at);
      writer.at = DEAD;
    } else if (process.owed & rowOf(at)) unsaid(world, at);
  });
  state.loads.forEach((load, at) => {
    if (scenario.loads[at]!.process !== index) return;
    load.at = load.value = load.mayFill = load.floor = load.attached = load.again = 0;
  });
  process.lost = guards.lostAtStart ? 1 : 0;
  process.lostAgain = process.drain = process.todo = process.abandoned = process.owed = 0;
  process.cached = NONE;
  process.channel = SUBSCRIBED;
  process.messages = 0;
}

function channelSteps(world: World, index: number, step: Step): void {
  const { state, guards } = world;
  const process = state.processes[index]!;
  const make = (name: string, run: () => void) => step('channel of process', index, name, run);
  for (let writer = 0; writer < state.writers.length; writer++)
    if (process.messages & bit(writer))
      make(`brings the message of writer ${writer}`, () => {
        process.messages &= ~bit(writer);
        process.cached = NONE;
        if (guards.messageDetaches) detach(world, index);
      });
  if (process.channel === SUBSCRIBED && state.common.channelBreaks)
    make('breaks', () => {
      spend(state, 'channelBreaks');
      breakChannel(process);
    });
  if (process.channel === BROKEN)
    make('is open again', () => {
      process.channel = SUBSCRIBED;
      if (guards.emptyOnSubscribe) process.cached = NONE;
      if (guards.detachOnSubscribe) detach(world, index);
    });
}

function breakChannel(process: World['state']['processes'][number]): void {
  if (process.channel !== SUBSCRIBED) return;
  process.channel = BROKEN;
  process.messages = 0;
}
