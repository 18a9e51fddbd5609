import type { Phase } from './faults.js';
import type { Result, Session } from './sessions.js';
import type { Statement } from './statements.js';

/** Work on a database, whichever way it is spoken to: each step is a statement, and goes on with what came of it. */
export type Steps<T> = Generator<Statement, T, Result>;

/** Takes the steps on a connection. @throws StoreFault, Refusal */
export async function take<T>(session: Session, steps: Steps<T>, phase: Phase = 'harmless'): Promise<T> {
  let step = steps.next();
  while (!step.done) {
    const { sql, parameters } = step.value;
    let result: Result;
    try {
      result = await session.run(sql, parameters, phase);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(result);
  }
  return step.value;
}

/** Takes the steps where statements are answered at once. */
export function takeNow<T>(steps: Steps<T>, run: (statement: Statement) => Result): T {
  let step = steps.next();
  while (!step.done) step = steps.next(run(step.value));
  return step.value;
}
