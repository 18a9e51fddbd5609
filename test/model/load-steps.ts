import { cachedFloorOf, faultOf, floorOf, higher } from './floors.js';
import * as hotSteps from './hot-steps.js';
import { FILLING, NONE, TO_ANSWER, TO_FILL, TO_READ, WAITING } from './state.js';
import type { Step } from './step.js';
import { lose, spend, type World } from './world.js';

/** Every step that a reader can make next. */
export function loadSteps(world: World, index: number, step: Step): void {
  const { state, guards, scenario } = world;
  const load = state.loads[index]!;
  const at = scenario.loads[index]!.process;
  const process = state.processes[at]!;
  const make = (name: string, run: () => void) => step('reader', index, name, run);

  if (load.at === 0 && load.left > 0 && process.cached === NONE && !joinable(world, at)) {
    if (process.cut || process.lost || !state.common.slow) make('read', () => start(world, index, false));
    else {
      make('read', () => start(world, index, false));
      make('read, timed out', () => start(world, index, true));
    }
  }
  joinSteps(world, index, make);
  if (load.at === WAITING && !filling(world, index))
    make('read, after the fill of its process', () => {
      load.at = 0;
      if (guards.askAgain) ask(world, index, false);
      else if (load.value === NONE) durable(world, index);
      else got(world, index, load.value);
    });
  if (load.at === TO_READ) make('durable read', () => durable(world, index));
  if (load.at === TO_ANSWER) make('answer', () => answer(world, index));
  if (load.at === TO_FILL) {
    const { value } = load;
    if (!process.cut)
      make('fill', () => {
        hotSteps.fill(world, tokenOf(world, index), value);
        end(world, index);
      });
    if (process.cut || state.common.slow)
      make(process.cut ? 'fill, not delivered' : 'fill, timed out', () => {
        lose(world, at);
        if (!process.cut) {
          spend(state, 'slow');
          load.lateFill = 2;
          load.lateToken = tokenOf(world, index);
          load.lateValue = value;
        }
        end(world, index);
      });
  }
  if (load.lateFill)
    make('fill, late', () => {
      hotSteps.fill(world, load.lateToken, load.lateValue);
      if (--load.lateFill === 0) load.lateToken = load.lateValue = 0;
    });
}

/** Another read joins a load that is under way. */
function joinSteps(world: World, index: number, make: (name: string, run: () => void) => void): void {
  const { state, guards, scenario } = world;
  const load = state.loads[index]!;
  const at = scenario.loads[index]!.process;
  if (load.at === 0 || load.at === TO_FILL) return;
  let floor: number;
  if (scenario.cache) {
    if (!load.attached) return;
    floor = cachedFloorOf(world, at);
  } else if (guards.joinUntilOut) return;
  else floor = floorOf(world, at);
  const raised = higher(load.floor, floor);
  if (raised !== load.floor)
    make('read, joins the load', () => {
      load.floor = raised;
    });
}

/** Whether a load of the process is under way that a new read joins instead of a load of its own. */
function joinable({ state, scenario }: World, process: number): boolean {
  if (!scenario.cache) return false;
  return state.loads.some(
    ({ at, attached }, index) => at !== 0 && attached !== 0 && scenario.loads[index]!.process === process,
  );
}

function start(world: World, index: number, late: boolean): void {
  const { state, scenario } = world;
  const load = state.loads[index]!;
  load.left--;
  load.run++;
  load.again = 0;
  load.floor = floorOf(world, scenario.loads[index]!.process);
  load.attached = scenario.cache ? 1 : 0;
  ask(world, index, late);
}

function ask(world: World, index: number, late: boolean): void {
  const { state, guards, scenario } = world;
  const load = state.loads[index]!;
  const at = scenario.loads[index]!.process;
  const process = state.processes[at]!;
  const token = tokenOf(world, index);
  load.at = TO_READ;
  load.mayFill = 0;
  if (process.lost && guards.lostAsksNothing) return;
  if (process.cut) {
    lose(world, at);
    return;
  }
  const value = hotSteps.read(world, token);
  if (late) {
    spend(state, 'slow');
    lose(world, at);
    return;
  }
  const { hot } = state;
  if (value !== undefined) got(world, index, value);
  else if (hot.kind === FILLING && hot.filler === token) load.mayFill = 1;
  else if (!load.again && filling(world, index)) {
    load.again = 1;
    load.at = WAITING;
    load.value = NONE;
  }
}

function durable(world: World, index: number): void {
  got(world, index, world.state.common.durable);
}

/** What was read is on its way to those who wait; the time that takes matters only to a cache, and to who joins late. */
function got(world: World, index: number, value: number): void {
  const load = world.state.loads[index]!;
  load.value = value;
  load.at = TO_ANSWER;
  if (!world.scenario.cache && world.guards.joinUntilOut) answer(world, index);
}

function answer(world: World, index: number): void {
  const { state, scenario } = world;
  const load = state.loads[index]!;
  const process = state.processes[scenario.loads[index]!.process]!;
  world.wrong ??= faultOf(load.value, load.floor);
  if (load.attached) process.cached = load.value;
  if (load.mayFill) {
    load.at = TO_FILL;
    load.attached = 0;
    load.floor = 0;
  } else end(world, index);
}

function end(world: World, index: number): void {
  const { state, guards, scenario } = world;
  const load = state.loads[index]!;
  if (!guards.askAgain && load.mayFill)
    state.loads.forEach((other, at) => {
      const together = scenario.loads[at]!.process === scenario.loads[index]!.process;
      if (together && other.at === WAITING) other.value = load.value;
    });
  load.at = load.value = load.mayFill = load.floor = load.attached = load.again = 0;
  if (load.left === 0 && load.lateFill === 0) load.run = 0;
}

/** The load of the same process that is filling, if there is one. */
function filling({ state, scenario }: World, index: number): boolean {
  return state.loads.some(
    ({ at, mayFill }, other) =>
      other !== index && at !== 0 && mayFill && scenario.loads[other]!.process === scenario.loads[index]!.process,
  );
}

/** Each load has a token of its own. */
const tokenOf = ({ state }: World, index: number): number => index * 8 + state.loads[index]!.run;

/** Nobody joins the loads of a process that are under way any more, and the cache does not keep what they bring. */
export function detach({ state, scenario }: World, process: number): void {
  state.loads.forEach((load, index) => {
    if (scenario.loads[index]!.process === process) load.attached = 0;
  });
}
