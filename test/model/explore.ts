import { invariant } from './checks.js';
import { drainSteps } from './drain-steps.js';
import { faultSteps } from './faults.js';
import type { Guards } from './guards.js';
import { loadSteps } from './load-steps.js';
import { stateOf } from './state.js';
import type { Step } from './step.js';
import { begin, type Scenario, type World } from './world.js';
import { writeSteps } from './write-steps.js';

// Looked up once: a global is slow to reach in a test's own realm.
const { imul } = Math;

/** What came of looking at every history of a scenario. */
export interface Explored {
  readonly states: number;
  /** What went wrong first, with the shortest history that leads to it. */
  readonly fault?: { readonly what: string; readonly history: readonly string[] };
  /** There were more states than were asked for. */
  readonly cutShort?: true;
}

/** Looks at every state that a scenario can come to, nearest first, until something goes wrong. */
export function explore(scenario: Scenario, guards: Guards, most = Number.POSITIVE_INFINITY): Explored {
  const world = worldOf(scenario, guards);
  const { words } = world.state;
  const states = new States(words.length);
  begin(world);
  states.add(words, -1);
  for (let from = 0; from < states.count; from++) {
    if (states.count > most) return { states: states.count, cutShort: true };
    states.copyTo(from, words);
    let fault: { what: string; history: string[] } | undefined;
    everyStep(world, (who, index, name, run) => {
      if (fault) return;
      run();
      const wrong = world.wrong;
      world.wrong = undefined;
      if (wrong !== undefined) fault = { what: wrong, history: [`${who} ${index}: ${name}`] };
      else if (states.add(words, from)) {
        const broken = invariant(world);
        if (broken !== undefined) fault = { what: broken, history: [`${who} ${index}: ${name}`] };
      }
      states.copyTo(from, words);
    });
    if (fault)
      return {
        states: states.count,
        fault: { what: fault.what, history: [...historyOf(world, states, from), ...fault.history] },
      };
  }
  return { states: states.count };
}

function worldOf(scenario: Scenario, guards: Guards): World {
  const { writers, loads, processes } = scenario;
  const state = stateOf({ writers: writers.length, loads: loads.length, processes });
  return { state, guards, scenario, wrong: undefined };
}

function everyStep(world: World, step: Step): void {
  const { writers, loads, processes } = world.scenario;
  for (let index = 0; index < writers.length; index++) writeSteps(world, index, step);
  for (let index = 0; index < loads.length; index++) loadSteps(world, index, step);
  for (let index = 0; index < processes; index++) drainSteps(world, index, step);
  faultSteps(world, step);
}

/** The steps that led to a state, found by taking them again. */
function historyOf(world: World, states: States, last: number): string[] {
  const { words } = world.state;
  const history: string[] = [];
  for (let at = last; states.parentOf(at) >= 0; at = states.parentOf(at)) {
    const parent = states.parentOf(at);
    states.copyTo(parent, words);
    let name = '';
    everyStep(world, (who, index, what, run) => {
      if (name) return;
      run();
      if (states.is(at, words)) name = `${who} ${index}: ${what}`;
      states.copyTo(parent, words);
    });
    world.wrong = undefined;
    history.unshift(name);
  }
  return history;
}

/** The states that have been met, each once, in the order of their finding. */
class States {
  readonly #width: number;
  #words: Int32Array;
  #parents = new Int32Array(1 << 10);
  /** Open addressing: the number of a state, plus one. */
  #table = new Int32Array(1 << 12);
  count = 0;

  constructor(width: number) {
    this.#width = width;
    this.#words = new Int32Array(width << 10);
  }

  /** False where it was there. */
  add(state: Int32Array, parent: number): boolean {
    let slot = this.#slot(state, 0, this.#table);
    if (this.#table[slot] !== 0) return false;
    if (this.count * 2 >= this.#table.length) {
      this.#rehash();
      slot = this.#slot(state, 0, this.#table);
    }
    if (this.count === this.#parents.length) this.#grow();
    this.#table[slot] = this.count + 1;
    this.#words.set(state, this.count * this.#width);
    this.#parents[this.count++] = parent;
    return true;
  }

  parentOf(index: number): number {
    return this.#parents[index]!;
  }

  copyTo(index: number, state: Int32Array): void {
    const from = index * this.#width;
    const words = this.#words;
    for (let at = 0; at < this.#width; at++) state[at] = words[from + at]!;
  }

  is(index: number, state: Int32Array): boolean {
    return this.#same(index * this.#width, state, 0);
  }

  #same(from: number, state: Int32Array, offset: number): boolean {
    const words = this.#words;
    for (let at = 0; at < this.#width; at++) if (words[from + at] !== state[offset + at]) return false;
    return true;
  }

  #slot(state: Int32Array, offset: number, table: Int32Array): number {
    let hash = 0x811c9dc5;
    for (let at = 0; at < this.#width; at++) {
      hash = imul(hash ^ state[offset + at]!, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    hash ^= hash >>> 15;
    hash = imul(hash, 0x2c1b3c6d);
    hash ^= hash >>> 13;
    const mask = table.length - 1;
    let slot = hash & mask;
    while (table[slot] !== 0 && !this.#same((table[slot]! - 1) * this.#width, state, offset)) slot = (slot + 1) & mask;
    return slot;
  }

  #rehash(): void {
    const table = new Int32Array(this.#table.length * 4);
    for (let index = 0; index < this.count; index++)
      table[this.#slot(this.#words, index * this.#width, table)] = index + 1;
    this.#table = table;
  }

  #grow(): void {
    const words = new Int32Array(this.#words.length * 2);
    words.set(this.#words);
    this.#words = words;
    const parents = new Int32Array(this.#parents.length * 2);
    parents.set(this.#parents);
    this.#parents = parents;
  }
}
