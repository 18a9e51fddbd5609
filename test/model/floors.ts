import { BROKEN, bit, EACH_MEMBER, rowsOf, TORN, versionOf, withVersion } from './state.js';
import { membersOf, type World } from './world.js';

/** The least that a read begun now in a process may answer, by member. */
export const floorOf = (world: World, process: number): number => least(world, process, false);

/** The same where the cache may answer: what its channel has not told it yet may be missing. */
export const cachedFloorOf = (world: World, process: number): number => least(world, process, true);

function least({ state, scenario }: World, process: number, cached: boolean): number {
  const { processes, common } = state;
  const { channel, messages } = processes[process]!;
  let floor = 0;
  for (let index = 0; index < state.writers.length; index++) {
    const writer = state.writers[index]!;
    if (!writer.acknowledged) continue;
    const plan = scenario.writers[index]!;
    if (plan.process !== process) {
      // The stated exception: the writer could not reach the hot tier while this process could, and its row still waits.
      if (common.outbox & rowsOf(index) && !writer.told && !(writer.alone & bit(process))) continue;
      if (cached && (channel === BROKEN || messages & bit(index))) continue;
    }
    for (const member of EACH_MEMBER)
      if (membersOf(plan) & bit(member) && versionOf(floor, member) < writer.version)
        floor = withVersion(floor, bit(member), writer.version);
  }
  return floor;
}

export function higher(a: number, b: number): number {
  let floor = a;
  for (const member of EACH_MEMBER)
    if (versionOf(b, member) > versionOf(floor, member)) floor = withVersion(floor, bit(member), versionOf(b, member));
  return floor;
}

/** What is wrong with an answer, if anything. */
export function faultOf(value: number, floor: number): string | undefined {
  for (const member of EACH_MEMBER) {
    const version = versionOf(value, member);
    if (version === TORN) return `an entry without member ${member} was served`;
    if (version < versionOf(floor, member))
      return `version ${version} was served after version ${versionOf(floor, member)} was acknowledged`;
  }
  return undefined;
}
