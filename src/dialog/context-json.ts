import { ValidationError } from '../index.js';
import { wholeNumber } from './context-id.js';

/** A context as Dialog Flow Engine writes it: `Context.json()`. An id beyond the safe integers is written as a string. */
export interface ContextJson {
  id: string | number;
  labels: Record<string, [string, string]>;
  requests: Record<string, unknown>;
  responses: Record<string, unknown>;
  misc: Record<string, unknown>;
  validation: boolean;
  framework_states: Record<string, Record<string, unknown>>;
}

/** A JSON text whose id is exact, however many digits it has. @throws ValidationError where it is no JSON object */
export function parseContext(text: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new ValidationError('The text given for a context is no JSON. Give what toJSON() or Context.json() wrote.', {
      cause,
    });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new ValidationError('The JSON given for a context is no object. Give what toJSON() or Context.json() wrote.');
  const { id } = parsed as { id?: unknown };
  if (typeof id === 'number' && !Number.isSafeInteger(id)) {
    const digits = idDigits(text);
    if (digits !== undefined) return { ...parsed, id: wholeNumber(digits) };
  }
  return parsed;
}

// JSON.parse rounds what it cannot hold, so the digits are looked for in the text: the last `"id"` of the outermost object.
function idDigits(text: string): string | undefined {
  let depth = 0;
  let found: string | undefined;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (depth === 1 && token === '"id"')
      found = /^\s*:\s*(-?\d+)\s*[,}]/.exec(text.slice(index + token.length))?.[1] ?? found;
  }
  return found;
}
