import { ValidationError } from '../index.js';
import type { ResponseFunction } from './node.js';

/** Answers with one of the responses, at random. @throws ValidationError where there are none */
export function choice(responses: readonly unknown[]): ResponseFunction {
  if (!Array.isArray(responses) || responses.length === 0)
    throw new ValidationError('choice() has nothing to choose from. Give a list of responses.');
  return () => responses[Math.floor(Math.random() * responses.length)];
}
