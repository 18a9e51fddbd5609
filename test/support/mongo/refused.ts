/** An error as a MongoDB server answers with it. */
export class Refused extends Error {
  constructor(
    readonly code: number,
    readonly codeName: string,
    message: string,
    readonly more: { readonly labels?: readonly string[]; readonly details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message);
  }
}

/** What a transaction is told of which another has written something. */
export const writeConflict = (): Refused =>
  new Refused(112, 'WriteConflict', 'Caused by :: Write conflict during plan execution and yielding is disabled.', {
    labels: ['TransientTransactionError'],
  });
