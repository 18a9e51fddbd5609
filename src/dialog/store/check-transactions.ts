import { type Holdfast, ValidationError } from '../../index.js';
import type { EntitySet } from './entities.js';

/** No user has this key. */
const NOBODY = '#';

/** Finds out, by a write of nothing, whether head and turns can be written in one step. @throws ValidationError where they cannot */
export async function checkTransactions(holdfast: Holdfast, { head, queue }: EntitySet): Promise<void> {
  try {
    await holdfast.batch((batch) => {
      batch.repository(head).delete(NOBODY);
      batch.repository(queue).delete(NOBODY);
    });
  } catch (cause) {
    // What else is wrong, whoever uses the store is told.
    if (cause instanceof ValidationError)
      throw new ValidationError(
        'The holdfast given to contextStore() keeps contexts where head and turns cannot be written in one step: in Redis Cluster alone. Give the entities a database behind it, contextEntities({ fallback }), or open it on one Redis server or Sentinel.',
        { cause },
      );
  }
}
