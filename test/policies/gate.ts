/** A promise that the test settles when it is time. */
export interface Gate<T = void> {
  readonly promise: Promise<T>;
  open(value: T): void;
  fail(error: unknown): void;
}

export function gate<T = void>(): Gate<T> {
  let open!: (value: T) => void;
  let fail!: (error: unknown) => void;
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

/** Lets everything run on that waits for promises only. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What became of a promise so far: `pending`, its value, or its error. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return Promise.race([
    promise.then(
      (value) => value,
      (error) => error,
    ),
    settled().then(() => 'pending'),
  ]);
}
