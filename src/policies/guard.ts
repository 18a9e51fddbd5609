/** A policy around one call on a tier: one script or one statement, however many keys it is for. */
export type Guard = <T>(run: () => Promise<T>) => Promise<T>;

const bare: Guard = (run) => run();

const around =
  (outer: Guard, inner: Guard): Guard =>
  (run) =>
    outer(() => inner(run));

/** One guard of several, the first of them outermost. A policy that is off is `undefined` and costs nothing. */
export function compose(guards: readonly (Guard | undefined)[]): Guard {
  const on = guards.filter((guard) => guard !== undefined);
  return on.length === 0 ? bare : on.reduce(around);
}
