/** A value inside an entity that cannot be stored, or cannot be read back: where it is and what is wrong with it. */
export class ValueFault extends Error {
  constructor(
    /** From the property down: '' for the value itself, `.zip`, `[2].zip`. */
    readonly path: string,
    /** As in `must be a string, got null`. */
    readonly fact: string,
    options?: { readonly cause?: unknown; readonly remedy?: string | undefined },
  ) {
    super(fact, options);
    this.remedy = options?.remedy;
  }

  /** What to do, where that is more than giving another value: a sentence. */
  readonly remedy: string | undefined;
}

/** The same fault seen from one step further out. */
export function faultWithin(step: string, error: unknown): ValueFault {
  if (error instanceof ValueFault) return new ValueFault(step + error.path, error.fact, error);
  return new ValueFault(step, error instanceof Error ? error.message : String(error));
}
