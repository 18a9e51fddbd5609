import { describe } from './codecs.js';
import { ValidationError } from './errors.js';

/** Checks the options of a call, such as `A read` of `Person`: an object that has none but those named. @throws ValidationError */
export function checkOptions(call: string, className: string, options: unknown, names: readonly string[]): void {
  if (options === undefined) return;
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new ValidationError(
      `${call} of ${className} takes an object of options, got ${describe(options)}. ${itHas(names)}`,
    );
  for (const name of Object.keys(options))
    if (!names.includes(name))
      throw new ValidationError(`${call} of ${className} has no option ${JSON.stringify(name)}. ${itHas(names)}`);
}

const itHas = (names: readonly string[]): string => `It has: ${names.join(', ')}.`;
