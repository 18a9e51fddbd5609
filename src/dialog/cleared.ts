import type { TurnField } from './context.js';

/** How many turns before those that are loaded are still wanted, by field; of a field that is left out, all. */
export type OlderKept = Partial<Record<TurnField, number>>;

const marks = new WeakMap<object, OlderKept>();

/** Notes that of the turns before the loaded ones only the last `older` are wanted. */
export function noteCleared(context: object, field: TurnField, older: number): void {
  const kept = marks.get(context) ?? {};
  kept[field] = Math.min(kept[field] ?? Number.POSITIVE_INFINITY, older);
  marks.set(context, kept);
}

/** What was noted since the last {@link forgetCleared}. */
export const olderKept = (context: object): OlderKept | undefined => marks.get(context);

/** To be called when a store knows of it. */
export const forgetCleared = (context: object): boolean => marks.delete(context);
