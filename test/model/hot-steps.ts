import { bit, COLD, FILLING, LOCKED, NONE, SUBSCRIBED, TORN, VALID, WHOLE, withVersion } from './state.js';
import { isAbsent, isDelta, membersOf, type World } from './world.js';

/** The steps of the protocol on one hot entry, each as atomic as its script. */

export function begin({ state, guards, scenario }: World, writer: number): void {
  if (!guards.lockFirst) return;
  const { hot } = state;
  if (hot.kind === LOCKED) {
    if (hot.tokens & bit(writer)) return;
    const members = membersOf(scenario.writers[writer]!);
    const shared = scenario.writers.some(
      (other, index) => hot.tokens & bit(index) && meet(membersOf(other), members, guards.wholeMeetsAll),
    );
    hot.tokens |= bit(writer);
    if (shared && guards.joinDirty) hot.dirty = 1;
    return;
  }
  if (hot.kind === FILLING && !guards.lockEndsFill) return;
  if (hot.kind !== VALID) hot.value = NONE;
  hot.kind = LOCKED;
  hot.tokens = bit(writer);
  hot.dirty = 0;
  hot.filler = 0;
}

const meet = (a: number, b: number, wholeMeetsAll: boolean): boolean => (a & b) !== 0 && (wholeMeetsAll || a === b);

export function commit(world: World, writer: number): void {
  const { state, guards, scenario } = world;
  const { hot } = state;
  const { version } = state.writers[writer]!;
  if (guards.publishCommit) tell(world, writer);
  if (hot.kind !== LOCKED) {
    if (!guards.lockFirst) put(world, withVersion(0, WHOLE, version));
    else if (guards.lostTokenDrops) clear(world);
    return;
  }
  if (!(hot.tokens & bit(writer))) {
    if (!guards.keepOthersLock) clear(world);
    else if (guards.lostTokenMarks) hot.dirty = 1;
    return;
  }
  const plan = scenario.writers[writer]!;
  const alone = hot.tokens === bit(writer);
  const clean = hot.dirty === 0;
  hot.tokens &= ~bit(writer);
  if (isDelta(plan) && clean) {
    // The value under the lock takes the delta, also where others go on writing other members.
    if (!alone && !guards.deltaBeneath) return;
    if (hot.value !== NONE && !isAbsent(state, hot.value)) hot.value = withVersion(hot.value, membersOf(plan), version);
    else if (!guards.deltaNeedsValue) hot.value = withVersion((TORN << 4) | TORN, membersOf(plan), version);
    else hot.value = NONE;
    if (!alone) return;
    if (hot.value === NONE) clear(world);
    else put(world, hot.value);
  } else if (!alone) hot.dirty = 1;
  else if (clean || !guards.lastOutDrops) put(world, withVersion(0, WHOLE, version));
  else clear(world);
}

export function abandon(world: World, writer: number): void {
  const { state, guards } = world;
  const { hot } = state;
  if (guards.publishAbandon) tell(world, writer);
  if (hot.kind !== LOCKED) {
    if (guards.abandonDrops) clear(world);
    return;
  }
  const held = (hot.tokens & bit(writer)) !== 0;
  hot.tokens &= ~bit(writer);
  if (hot.tokens === 0) clear(world);
  else if (held ? guards.abandonMarks : guards.lostTokenMarks) hot.dirty = 1;
}

/** A value, `undefined` where there is none to be served; a cold entry is then this token's to fill. */
export function read({ state, guards }: World, token: number): number | undefined {
  const { hot } = state;
  if (hot.kind === VALID) return hot.value;
  if (hot.kind === LOCKED) {
    if (hot.value !== NONE && (hot.dirty === 0 || !guards.dirtyNotServed)) return hot.value;
    if (guards.lockExcludesFill) return undefined;
  }
  if (hot.kind === FILLING) return undefined;
  hot.kind = FILLING;
  hot.value = NONE;
  hot.tokens = 0;
  hot.dirty = 0;
  hot.filler = token;
  return undefined;
}

export function fill(world: World, token: number, value: number): void {
  const { hot } = world.state;
  const mine = hot.kind === FILLING && hot.filler === token;
  if (mine || (!world.guards.fillFenced && hot.kind !== LOCKED)) put(world, value);
}

/** What was written past the tiers is hot no more. */
export function drop(world: World, writer: number): void {
  const { state, guards } = world;
  if (guards.publishDrop) tell(world, writer);
  if (state.hot.kind !== LOCKED || !guards.dropKeepsLock) clear(world);
  else if (guards.dropMarks) state.hot.dirty = 1;
}

/** The entry is cold. */
export function clear({ state: { hot } }: World): void {
  hot.kind = COLD;
  hot.value = NONE;
  hot.tokens = 0;
  hot.dirty = 0;
  hot.filler = 0;
}

/** The end of one token's time. */
export function expire(world: World, writer: number): void {
  const { hot } = world.state;
  hot.tokens &= ~bit(writer);
  if (hot.tokens === 0) clear(world);
  else if (world.guards.deadTokenMarks) hot.dirty = 1;
}

function put({ state: { hot } }: World, value: number): void {
  hot.kind = VALID;
  hot.value = value;
  hot.tokens = 0;
  hot.dirty = 0;
  hot.filler = 0;
}

/** A message to every process that is subscribed, part of the step itself. */
function tell({ state, scenario }: World, writer: number): void {
  if (!scenario.cache) return;
  for (const process of state.processes) if (process.channel === SUBSCRIBED) process.messages |= bit(writer);
}
