import { PROBED, ROWS_DELETED, ROWS_READ, writerOf } from './state.js';
import type { Step } from './step.js';
import { lose, spend, type World } from './world.js';
import { abandon } from './write-steps.js';

/** Every step that the drain of a process can make next. */
export function drainSteps(world: World, index: number, step: Step): void {
  const { state, guards } = world;
  const { common } = state;
  const process = state.processes[index]!;
  const make = (name: string, run: () => void) => step('drain of process', index, name, run);

  switch (process.drain) {
    case 0:
      if (process.cut) {
        if (!process.lost) make('probe, not answered', () => lose(world, index));
      } else if ((common.outbox && guards.drainsUnasked) || process.owed || process.lost)
        make('probe', () => {
          process.drain = PROBED;
          process.lostAgain = 0;
          if (!guards.rowsBeforeTrust) process.lost = 0;
        });
      break;
    case PROBED:
      make('read rows', () => {
        process.todo = common.outbox | process.owed;
        process.drain = ROWS_READ;
        if (!guards.abandonBeforeDelete) common.outbox = 0;
      });
      break;
    case ROWS_READ: {
      if (process.todo === 0) {
        make('delete rows', () => {
          common.outbox &= guards.deleteById ? ~process.abandoned : 0;
          process.owed &= ~process.abandoned;
          process.drain = ROWS_DELETED;
        });
        break;
      }
      const writer = writerOf(process.todo);
      if (!process.cut)
        make(`abandon row of writer ${writer}`, () => {
          abandon(world, writer);
          process.abandoned |= process.todo & -process.todo;
          process.todo &= process.todo - 1;
        });
      if (process.cut || common.slow)
        make(`abandon row of writer ${writer}, ${process.cut ? 'not delivered' : 'timed out'}`, () => {
          lose(world, index);
          if (!process.cut) {
            spend(state, 'slow');
            state.writers[writer]!.lateAbandon = 2;
          }
          process.todo = 0;
        });
      break;
    }
    case ROWS_DELETED:
      make('trust', () => {
        if (!process.lostAgain || !guards.trustUnlessLostAgain) process.lost = 0;
        process.drain = process.todo = process.abandoned = process.lostAgain = 0;
      });
      break;
  }
}

// More steps than a drain of all rows has; one that does not end within them never does.
const MOST_STEPS = 50;

/** Drains without a fault. */
export function drainAll(world: World, index: number): void {
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    let next: (() => void) | undefined;
    drainSteps(world, index, (_who, _index, _name, run) => {
      next ??= run;
    });
    if (!next) return;
    next();
  }
}
