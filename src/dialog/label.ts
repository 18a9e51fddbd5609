import { ValidationError } from '../index.js';

/** A node of a script: its flow and its name. */
export type Label = [flow: string, node: string];

/** @throws ValidationError where it is no pair of strings */
export function labelFrom(given: unknown, place: string): Label {
  if (Array.isArray(given) && given.length === 2 && given.every((part) => typeof part === 'string'))
    return [...(given as Label)];
  throw new ValidationError(`${place} is no label. Give the flow and the node: ['greeting_flow', 'node1'].`);
}
