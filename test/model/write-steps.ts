import * as hotSteps from './hot-steps.js';
import { detach } from './load-steps.js';
import {
  BEGUN,
  bit,
  DEAD,
  DONE,
  IDLE,
  journalRowOf,
  LANDED,
  NEEDS_ROW,
  NONE,
  ORPHANED,
  RELEASING,
  rowOf,
  rowsOf,
  TO_ACKNOWLEDGE,
  UNKNOWN,
  WHOLE,
  withVersion,
} from './state.js';
import type { Step } from './step.js';
import { isAbsent, isDelta, lose, membersOf, spend, type World } from './world.js';

const HOT_STEPS = { commit: hotSteps.commit, abandon: hotSteps.abandon, drop: hotSteps.drop };

/** Every step that a writer can make next. */
export function writeSteps(world: World, index: number, step: Step): void {
  const { state, guards, scenario } = world;
  const { common } = state;
  const writer = state.writers[index]!;
  const plan = scenario.writers[index]!;
  const process = state.processes[plan.process]!;
  const make = (name: string, run: () => void) => step('writer', index, name, run);

  switch (writer.at) {
    case IDLE:
      if (plan.change === 'past') {
        make('durable write past the tiers', () => {
          land(world, index);
          writer.at = LANDED;
        });
        break;
      }
      if (!process.cut)
        make('begin', () => {
          tell(world, plan.process);
          hotSteps.begin(world, index);
          writer.at = BEGUN;
        });
      if (process.cut || common.slow)
        make(process.cut ? 'begin, not delivered' : 'begin, timed out', () => {
          tell(world, plan.process);
          writer.at = BEGUN;
          writer.unconfirmed = process.cut ? 2 : 1;
          lose(world, plan.process);
          if (process.cut) return;
          spend(state, 'slow');
          writer.lateBegin = 2;
        });
      break;
    case BEGUN:
      if (scenario.journal && writer.unconfirmed && !writer.journaled) {
        make('outbox row, before the write', () => {
          writer.journaled = 1;
          common.outbox |= journalRowOf(index);
        });
        break;
      }
      if (isDelta(plan) && isAbsent(state, common.durable))
        make('durable write, nothing there to change', () => {
          writer.at = RELEASING;
        });
      else
        make('durable write', () => {
          land(world, index);
          tell(world, plan.process);
          writer.at = LANDED;
        });
      if (common.refuse)
        make('durable write, refused', () => {
          spend(state, 'refuse');
          writer.at = RELEASING;
        });
      if (common.unknown)
        make('durable write, outcome unknown', () => {
          spend(state, 'unknown');
          writer.unknown = 1;
          writer.at = guards.keepUnknown ? UNKNOWN : ORPHANED;
          if (!guards.keepUnknown && !process.cut) hotSteps.abandon(world, index);
        });
      break;
    case UNKNOWN:
      make('the statement lands late', () => {
        land(world, index);
        writer.at = RELEASING;
      });
      make('the statement is gone', () => {
        writer.at = RELEASING;
      });
      break;
    case RELEASING:
      deliver(world, index, 'abandon', make, () => {
        const needsRow = writer.unknown && guards.rowOfUnknown && !hasRow(world, index);
        if (needsRow) keep(world, index);
        writer.at = needsRow ? NEEDS_ROW : DONE;
      });
      break;
    case LANDED: {
      const failed = () => {
        const needsRow = guards.rowBeforeAcknowledge && !hasRow(world, index);
        // A begin that arrives after others have seen to the row is this process's to take back.
        if (needsRow || writer.unconfirmed === 1) keep(world, index);
        writer.at = needsRow ? NEEDS_ROW : TO_ACKNOWLEDGE;
      };
      if (writer.unconfirmed === 2 && !guards.abandonUnsent) make('no abandon of what was never sent', failed);
      else if (plan.change === 'past') deliver(world, index, 'drop', make, failed);
      else deliver(world, index, writer.unconfirmed && guards.abandonUnconfirmed ? 'abandon' : 'commit', make, failed);
      break;
    }
    case NEEDS_ROW:
      make('outbox row', () => {
        common.outbox |= rowOf(index);
        process.owed &= ~rowOf(index);
        writer.at = writer.unknown ? DONE : TO_ACKNOWLEDGE;
      });
      if (common.rowFails)
        make('outbox row, refused: throws, outcome unknown', () => {
          spend(state, 'rowFails');
          if (guards.keepOwed) process.owed |= rowOf(index);
          else process.owed &= ~rowOf(index);
          writer.at = DONE;
        });
      break;
    case TO_ACKNOWLEDGE:
      make('acknowledge', () => {
        if (guards.tellAfterCommit) tell(world, plan.process);
        writer.acknowledged = 1;
        writer.alone = cutProcesses(world);
        writer.at = DONE;
      });
      break;
    case ORPHANED:
      make('the statement lands late', () => {
        land(world, index);
        unsaid(world, index);
        writer.at = DEAD;
      });
      make('the statement is gone', () => {
        writer.at = DEAD;
      });
      break;
  }
  lateSteps(world, index, make);
}

/** A step that timed out may be made later, or twice; it may also never be. */
function lateSteps(world: World, index: number, make: (name: string, run: () => void) => void): void {
  const writer = world.state.writers[index]!;
  if (writer.lateBegin)
    make('begin, late', () => {
      writer.lateBegin--;
      hotSteps.begin(world, index);
    });
  if (writer.lateCommit)
    make('commit, late', () => {
      writer.lateCommit--;
      hotSteps.commit(world, index);
      told(world, index);
    });
  if (writer.lateAbandon)
    make('abandon, late', () => {
      writer.lateAbandon--;
      abandon(world, index);
    });
}

/** Commits or abandons; where that is not delivered the writer goes on as `failed` says. */
function deliver(
  world: World,
  index: number,
  how: keyof typeof HOT_STEPS,
  make: (name: string, run: () => void) => void,
  failed: () => void,
): void {
  const { state, scenario } = world;
  const writer = state.writers[index]!;
  const process = state.processes[scenario.writers[index]!.process]!;
  if (!process.cut)
    make(how, () => {
      HOT_STEPS[how](world, index);
      told(world, index);
      writer.at = writer.at === LANDED ? TO_ACKNOWLEDGE : DONE;
    });
  if (process.cut || state.common.slow)
    make(`${how}, ${process.cut ? 'not delivered' : 'timed out'}`, () => {
      lose(world, scenario.writers[index]!.process);
      if (!process.cut) {
        spend(state, 'slow');
        writer[how === 'commit' ? 'lateCommit' : 'lateAbandon'] = 2;
      }
      failed();
    });
}

/** Takes a token out of the hot entry. */
export function abandon(world: World, writer: number): void {
  hotSteps.abandon(world, writer);
  told(world, writer);
}

/** Of a write that has not landed there is nothing to tell. */
function told({ state }: World, index: number): void {
  const writer = state.writers[index]!;
  if (writer.version > 0) writer.told = 1;
}

function land({ state, guards, scenario }: World, index: number): void {
  const { common } = state;
  const writer = state.writers[index]!;
  const plan = scenario.writers[index]!;
  if (isDelta(plan) && isAbsent(state, common.durable)) return;
  const version = common.landed + 1;
  common.landed = version;
  writer.version = version;
  common.durable = withVersion(common.durable, isDelta(plan) ? membersOf(plan) : WHOLE, version);
  if (plan.change === 'delete') common.deletions |= bit(version);
  if (writer.unconfirmed && guards.rowWithWrite && !scenario.journal) common.outbox |= rowOf(index);
}

/** Whether its row was put with the write itself, and so cannot have been drained before it. */
function hasRow({ state, guards, scenario }: World, index: number): boolean {
  if (!state.writers[index]!.unconfirmed) return false;
  return !scenario.journal || !guards.rowAfterJournal;
}

/** In the same moment in which the process is lost its drains know of the row, wherever that is still on its way to. */
function keep({ state, guards, scenario }: World, index: number): void {
  if (guards.rowKept) state.processes[scenario.writers[index]!.process]!.owed |= rowOf(index);
}

/** The known limit: it landed without a lock, or without one by then, and nobody is left who knows. */
export function unsaid({ state, scenario }: World, index: number): void {
  const { common, writers } = state;
  const { version, told, acknowledged, lockLost, journaled } = writers[index]!;
  if (version === 0 || told || acknowledged) return;
  // The row before the write may have been abandoned before it.
  if (common.outbox & (journaled ? rowOf(index) : rowsOf(index))) return;
  if (lockLost || journaled || scenario.writers[index]!.change === 'past') common.limit = 1;
}

/** The process lets go of what it knows of the key. */
function tell(world: World, process: number): void {
  if (!world.scenario.cache) return;
  world.state.processes[process]!.cached = NONE;
  if (world.guards.tellDetaches) detach(world, process);
}

function cutProcesses({ state }: World): number {
  let cut = 0;
  state.processes.forEach((process, index) => {
    if (process.cut) cut |= bit(index);
  });
  return cut;
}
