import { CorruptEntryError, ValidationError } from '../../index.js';
import { Context } from '../context.js';
import type { Head, Stored } from './backend.js';
import { jsonOf } from './storable.js';
import { fieldsOf, readFields, readItem, type TurnItem, turnItems } from './turn-item.js';

/** A context as it is to be stored. */
export interface Snapshot {
  readonly contextId: Head['contextId'];
  readonly validation: boolean;
  readonly misc: string;
  readonly states: string;
  readonly items: readonly TurnItem[];
}

/** A context as it is now; of its turns, `known` are those that it was read with. @throws ValidationError that names the path to what cannot be stored */
export function snapshotOf(context: Context, user: string, known?: readonly TurnItem[]): Snapshot {
  if (typeof context.validation !== 'boolean')
    throw new ValidationError(
      `The context of ${JSON.stringify(user)} was not saved: validation is a ${typeof context.validation}. Give true or false.`,
    );
  return {
    contextId: context.id,
    validation: context.validation,
    misc: jsonOf(user, 'misc', context.misc),
    states: jsonOf(user, 'frameworkStates', context.frameworkStates),
    items: turnItems(context, user, known),
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
  const { fields, read } = readFields(
    items.map((item) => readItem(item, head.user)),
    head.user,
  );
  return { context: Object.assign(headOf(head), fields), baseline: { key, head, items: read } };
}

/** A context of what is stored of it. @throws CorruptEntryError */
export const contextWith = (head: Head, items: readonly TurnItem[]): Context =>
  Object.assign(headOf(head), fieldsOf(items, head.user));

// Turns are put into it past its constructor, which would copy them.
const headOf = (head: Head): Context =>
  new Context({
    id: head.contextId,
    misc: dataIn(head, 'misc'),
    validation: head.validation,
    frameworkStates: dataIn(head, 'states') as Record<string, Record<string, unknown>>,
  });

function dataIn(head: Head, part: 'misc' | 'states'): Record<string, unknown> {
  try {
    return JSON.parse(head[part]) as Record<string, unknown>;
  } catch (cause) {
    throw new CorruptEntryError('Context', head.user, `what is stored of its ${part} is no JSON`, { cause });
  }
}
