import type { KeyedChange, WriteResult } from '../../core/fallback-driver.js';
import type { Outcome, RowChange } from '../../core/kind.js';
import { Contention, Mismatch } from './faults.js';
import { isOver, type Layout } from './layout.js';
import type { DatastoreLink } from './link.js';
import { type Found, type Mutation, type PathElement, pathText } from './wire.js';

/** Whether a change of one row is one commit, without a look at what is there. */
export const isBlind = ({
  type,
  expect,
}: Extract<RowChange, { type: 'put' }> | { type: string; expect?: unknown }): boolean =>
  type === 'put' && expect === undefined;

/**
 * Makes one change of one row, without a transaction: a put that expects nothing is one upsert, and any other is made to the version
 * that was read, or not at all. @throws Contention where somebody was faster
 */
export async function writeRow(
  link: DatastoreLink,
  layout: Layout,
  path: readonly PathElement[],
  { schema, key, change }: KeyedChange,
  now: () => number,
): Promise<WriteResult> {
  const given = change as RowChange;
  if (given.type === 'put' && given.expect !== undefined && given.expect === 'absent') {
    const made = await insert(link, layout, path, given);
    if (made) return made;
  } else if (isBlind(given)) {
    const outcome = schema.kind.apply(schema, null, given);
    if (outcome.status !== 'done' || outcome.entry === null) return resultOf(outcome);
    await link.commit([{ upsert: layout.entity(path, outcome.entry) }]);
    return resultOf(outcome);
  }
  const wireKey = layout.wireKey(path);
  const found = (await link.lookup([wireKey])).get(pathText(path));
  const entry = found ? layout.entry(key, found.entity.properties) : null;
  const live = entry && !isOver(entry.expiresAt, now()) ? entry : null;
  const outcome = schema.kind.apply(schema, live, change);
  if (outcome.status !== 'done') return resultOf(outcome);
  const mutation = mutationOf(layout, path, found, outcome);
  if (!mutation) return resultOf(outcome);
  try {
    const [made] = await link.commit([mutation]);
    if (made!.conflict) throw new Contention('it was changed at the same time');
  } catch (error) {
    if (error instanceof Mismatch) throw new Contention(error.message);
    throw error;
  }
  return resultOf(outcome);
}

/** Makes an entry where there is none; `undefined` where there is one, which may have ended. */
async function insert(
  link: DatastoreLink,
  layout: Layout,
  path: readonly PathElement[],
  change: Extract<RowChange, { type: 'put' }>,
): Promise<WriteResult | undefined> {
  const outcome = layout.schema.kind.apply(layout.schema, null, change);
  if (outcome.status !== 'done' || outcome.entry === null) return resultOf(outcome);
  try {
    await link.commit([{ insert: layout.entity(path, outcome.entry) }]);
    return resultOf(outcome);
  } catch (error) {
    if (error instanceof Mismatch) return undefined;
    throw error;
  }
}

function mutationOf(
  layout: Layout,
  path: readonly PathElement[],
  found: Found | undefined,
  outcome: Extract<Outcome, { status: 'done' }>,
): Mutation | undefined {
  const { entry } = outcome;
  if (entry === null) return found && { delete: layout.wireKey(path), baseVersion: found.version };
  const entity = layout.entity(path, entry);
  return found ? { update: entity, baseVersion: found.version } : { insert: entity };
}

function resultOf(outcome: Outcome): WriteResult {
  return outcome.status === 'done' ? { done: true, outcomes: [outcome] } : { done: false, index: 0, outcome };
}
