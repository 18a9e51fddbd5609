import type { Guard } from '../policies/guard.js';

/** What an iterable gives, each step through a guard. One that is given up ends by itself, when it ends. */
export async function* boundedSteps<T>(all: AsyncIterable<T>, guard: Guard): AsyncGenerator<T> {
  const steps = all[Symbol.asyncIterator]();
  let waiting = true;
  try {
    for (;;) {
      const step = await guard(() => steps.next());
      if (step.done) return;
      waiting = false;
      yield step.value;
      waiting = true;
    }
  } finally {
    const ended = Promise.resolve(steps.return?.());
    if (waiting) ended.catch(() => {});
    else await ended;
  }
}
