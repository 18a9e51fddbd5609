import type { Collection } from 'mongodb';
import type { Mongodb } from './values.js';

/** Where the methods that are used have their options. */
const OPTIONS: Readonly<Record<string, number>> = {
  ...{ find: 1, findOne: 1, countDocuments: 1, insertOne: 1, insertMany: 1, deleteOne: 1, deleteMany: 1, bulkWrite: 1 },
  ...{ updateOne: 2, replaceOne: 2, findOneAndUpdate: 2 },
};

// So long an answer may be under way, in milliseconds.
export const LATENESS = 500;

/**
 * A collection whose commands end in time: the server gives them up, and where it does not say so, we do. The client itself
 * may wait for ever for an answer on a connection that has ended.
 */
export function bounded(collection: Collection, mongodb: Mongodb, statementTimeout: number): Collection {
  if (statementTimeout <= 0) return collection;
  const inTime = <T>(what: PromiseLike<T>) => withinTime(what, mongodb, statementTimeout + LATENESS);
  return new Proxy(collection, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name, target);
      const at = OPTIONS[name as string];
      if (typeof found !== 'function') return found;
      return (...args: unknown[]) => {
        if (at !== undefined) args[at] = { maxTimeMS: statementTimeout, ...(args[at] as object | undefined) };
        const made: unknown = found.apply(target, args);
        if (made instanceof Promise) return inTime(made);
        return name === 'find' ? cursorInTime(made as object, inTime) : made;
      };
    },
  });
}

type InTime = <T>(what: PromiseLike<T>) => Promise<T>;

function cursorInTime(cursor: object, inTime: InTime): object {
  return new Proxy(cursor, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name, target);
      if (typeof found !== 'function') return found;
      if (name !== Symbol.asyncIterator)
        return (...args: unknown[]) => {
          const made: unknown = found.apply(target, args);
          return made instanceof Promise ? inTime(made) : made;
        };
      return () => {
        const parts = (found as () => AsyncIterator<unknown>).call(target);
        return { next: () => inTime(parts.next()), return: () => parts.return!() };
      };
    },
  });
}

/** @throws MongoNetworkTimeoutError when the time is over */
export async function withinTime<T>(
  what: PromiseLike<T>,
  { MongoNetworkTimeoutError }: Mongodb,
  ms: number,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new MongoNetworkTimeoutError(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([what, late]);
  } finally {
    clearTimeout(timer);
  }
}
