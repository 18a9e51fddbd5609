import { ValidationError } from '../../index.js';
import { Context } from '../context.js';
import type { Head, Stored } from './backend.js';
import { jsonOf } from './storable.js';
import { fieldsOf, readItem, type TurnItem, turnItems } from './turn-item.js';

/** A context as it is to be stored. */
export interface Snapshot {
  readonly contextId: Head['contextId'];
  readonly validation: boolean;
  readonly misc: string;
  readonly states: string;
  readonly items: readonly TurnItem[];
}

/** A context as it is now. @throws ValidationError that names the path to what cannot be stored */
export function snapshotOf(context: Context, user: string): Snapshot {
  if (typeof context.validation !== 'boolean')
    throw new ValidationError(
      `The context of ${JSON.stringify(user)} was not saved: validation is a ${typeof context.validation}. Give true or false.`,
    );
  return {
    contextId: context.id,
    validation: context.validation,
    misc: jsonOf(user, 'misc', context.misc),
    states: jsonOf(user, 'frameworkStates', context.frameworkStates),
    items: turnItems(context, user),
  };
}

/** What a store knows of a context that it gave out, or stored: what is not like it is to be written. */
export interface Baseline {
  readonly key: string;
  readonly head: Head;
  readonly items: readonly TurnItem[];
}

/** How many turns a store has of a context that were not loaded with it. */
export const olderThan = ({ head, items }: Baseline): number => head.turns - items.length;

/** A context as it is stored, and what is known of it. @throws CorruptEntryError */
export function contextOf(key: string, { head, items }: Stored): { context: Context; baseline: Baseline } {
  const read = items.map((item) => readItem(item, head.user));
  const context = new Context({
    id: head.contextId,
    ...fieldsOf(read, head.user),
    misc: JSON.parse(head.misc) as Record<string, unknown>,
    validation: head.validation,
    frameworkStates: JSON.parse(head.states) as Record<string, Record<string, unknown>>,
  });
  return { context, baseline: { key, head, items: read } };
}
