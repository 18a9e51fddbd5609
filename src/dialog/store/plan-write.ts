import type { ContextWrite, Head, TurnsWrite } from './backend.js';
import { type Baseline, olderThan, type Snapshot } from './snapshot.js';
import { storedItem, type TurnItem } from './turn-item.js';

/** More turns than this are not taken from the end one by one where all of them are known. */
const MANY = 8;

/** What is to be written. */
export interface WritePlan {
  readonly key: string;
  readonly user: string;
  readonly snapshot: Snapshot;
  /** What is known of what is stored; `undefined` for a new context. */
  readonly baseline: Baseline | undefined;
  /** All turns, where they are to be written anew. */
  readonly all: readonly TurnItem[] | undefined;
  /** When the turns expire, for those that are written anew. */
  readonly turnsUntil: number | null;
  /** Whether the head is written whatever it is, for its expiry. */
  readonly renew: boolean;
}

/** The write that makes what is stored what it is to be; `undefined` where it is that already. */
export function planWrite(plan: WritePlan): Omit<ContextWrite, 'queue'> | undefined {
  const { key, user, snapshot, baseline } = plan;
  const version = (baseline?.head.version ?? 0) + 1;
  const turns = turnsWrite(plan, version);
  const { count, last } = after(plan);
  const head: Head = {
    user,
    contextId: snapshot.contextId,
    version,
    validation: snapshot.validation,
    misc: snapshot.misc,
    states: snapshot.states,
    turns: count,
    last,
    mark: turns ? (count === 0 ? 0 : version) : (baseline?.head.mark ?? 0),
    turnsUntil: turns && 'all' in turns ? plan.turnsUntil : (baseline?.head.turnsUntil ?? null),
    archived: baseline?.head.archived ?? 0,
    part: baseline?.head.part ?? 0,
  };
  const before = baseline?.head;
  const isSame =
    before !== undefined &&
    Object.entries(head).every(([name, value]) => name === 'version' || value === before[name as keyof Head]);
  if (isSame && !turns && !plan.renew) return undefined;
  return { key, head, before, turns };
}

function turnsWrite({ snapshot, baseline, all }: WritePlan, version: number): TurnsWrite | undefined {
  const stored = (items: readonly TurnItem[]) => items.map((item) => storedItem(item, version));
  const { items } = snapshot;
  if (all) return { all: stored(all) };
  // Whatever was left of an expired conversation goes.
  if (!baseline) return { all: stored(items) };
  let same = 0;
  while (same < items.length && same < baseline.items.length && items[same]!.content === baseline.items[same]!.content)
    same++;
  if (same === items.length && same === baseline.items.length) return undefined;
  // The last turn always tells which write it belongs to.
  if (same === items.length && same > 0) same--;
  const drop = baseline.items.length - same;
  if (drop > MANY && olderThan(baseline) === 0) return { all: stored(items) };
  return { drop, push: stored(items.slice(same)) };
}

function after({ snapshot, baseline, all }: WritePlan): { count: number; last: number } {
  const items = all ?? snapshot.items;
  const older = all || !baseline ? 0 : olderThan(baseline);
  return { count: older + items.length, last: items.at(-1)?.turn ?? -1 };
}
