import { drainAll } from './drain-steps.js';
import { cachedFloorOf, faultOf } from './floors.js';
import { bit, DEAD, DONE, EACH_MEMBER, IDLE, LOCKED, NONE, type State, VALID, versionOf } from './state.js';
import type { World } from './world.js';

/** What must hold in every state. */
export function invariant(world: World): string | undefined {
  const { state, scenario } = world;
  if (scenario.cache)
    for (let index = 0; index < state.processes.length; index++) {
      const { cached } = state.processes[index]!;
      const fault = cached === NONE ? undefined : faultOf(cached, cachedFloorOf(world, index));
      if (fault) return `from the cache of process ${index}: ${fault}`;
    }
  return quiet(state) ? (atRest(state) ?? settled(world)) : undefined;
}

/** What is wrong once every link is healed and every process has drained. */
function settled(world: World): string | undefined {
  const { state } = world;
  const { common, processes } = state;
  if (!common.outbox && processes.every(({ lost, cut, owed }) => !lost && !cut && !owed)) return undefined;
  const now = state.words.slice();
  for (const process of processes) process.cut = 0;
  for (let index = 0; index < processes.length; index++) drainAll(world, index);
  const lost = processes.findIndex((process) => process.lost);
  const fault =
    common.outbox || processes.some(({ owed }) => owed)
      ? 'a row is left when every process has drained'
      : lost >= 0
        ? `process ${lost} is lost when every process has drained`
        : atRest(state);
  state.words.set(now);
  return fault;
}

/** Whether nobody is in the middle of anything. */
export function quiet({ writers, loads, processes }: State): boolean {
  for (const { at } of writers) if (at !== IDLE && at !== DONE && at !== DEAD) return false;
  for (const { at } of loads) if (at !== 0) return false;
  for (const { drain } of processes) if (drain !== 0) return false;
  return true;
}

/** What is hot is durable or cold, once nothing waits to be drained. */
export function atRest({ hot, common, writers, processes }: State): string | undefined {
  if (common.outbox !== 0 || common.limit || processes.some(({ owed }) => owed !== 0)) return undefined;
  if (hot.kind === VALID && hot.value !== common.durable) return differ(hot.value, common.durable);
  if (hot.kind !== LOCKED) return undefined;
  for (let index = 0; index < writers.length; index++) {
    const { at, told, unconfirmed } = writers[index]!;
    if (hot.tokens & bit(index) && at === DONE && told && !unconfirmed)
      return `at rest the lock of writer ${index} is left`;
  }
  return undefined;
}

const differ = (hot: number, durable: number) => `at rest ${shown(hot)} is hot, ${shown(durable)} is durable`;

export const shown = (value: number): string =>
  value === NONE ? 'nothing' : EACH_MEMBER.map((member) => versionOf(value, member)).join('/');
