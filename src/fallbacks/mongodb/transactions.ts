import { setTimeout as pause } from 'node:timers/promises';
import type { ClientSession } from 'mongodb';
import { withinTime } from './bounded.js';
import { asFault, codeOf, hasLabel, isOutage, isTakenKey } from './faults.js';
import type { OpenMongo } from './open-mongo.js';

/** What somebody else did came in between: to be tried again. */
export class CameBetween extends Error {}

const SHORTEST_PAUSE = 2;
const LONGEST_PAUSE = 200;
const WRITE_CONFLICT = 112;

/** A pause before a try, longer with each and never the same for two. */
export const beforeTry = (tries: number): Promise<void> =>
  pause(Math.random() * Math.min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** tries));

/** Until when something is tried again. */
export const triesUntil = ({ statementTimeout }: OpenMongo): number =>
  performance.now() + (statementTimeout > 0 ? statementTimeout : 30_000);

const isTransient = (error: unknown): boolean =>
  error instanceof CameBetween ||
  hasLabel(error, 'TransientTransactionError') ||
  codeOf(error) === WRITE_CONFLICT ||
  isTakenKey(error);

/**
 * Runs `work` in a transaction, again where others came between. What it returns with `done: false` undoes it all.
 * @throws StoreFault, and whatever `work` throws
 */
export async function transaction<T extends { readonly done: boolean }>(
  mongo: OpenMongo,
  entity: string,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  const { client, place } = mongo;
  const end = triesUntil(mongo);
  const session = client.startSession({ causalConsistency: false });
  try {
    for (let tries = 0; ; tries++) {
      const again = (error: unknown) => isTransient(error) && performance.now() < end;
      session.startTransaction({
        readConcern: { level: 'snapshot' },
        writeConcern: { w: 'majority' },
        readPreference: 'primary',
      });
      let result: T;
      try {
        result = await work(session);
        if (!result.done) {
          await abort(session, mongo);
          return result;
        }
      } catch (error) {
        await abort(session, mongo);
        if (!again(error)) throw asFault(place, error, 'harmless', entity);
        await beforeTry(tries);
        continue;
      }
      try {
        await commit(session, mongo, end);
        return result;
      } catch (error) {
        // The client has sent it before, whatever kept it from sending it again.
        if (!isTransient(error) || isUnanswered(error)) throw asFault(place, error, 'committed', entity);
        if (!again(error)) throw asFault(place, error, 'harmless', entity);
        await beforeTry(tries);
      }
    }
  } finally {
    if (!open.has(session)) await session.endSession();
  }
}

/** Where it does not arrive, the server ends the transaction some time later. */
async function abort(session: ClientSession, { mongodb, statementTimeout }: OpenMongo): Promise<void> {
  const aborting = session.abortTransaction();
  aborting.catch(() => {});
  await (statementTimeout > 0 ? withinTime(aborting, mongodb, statementTimeout) : aborting).catch(() => {});
}

/** A commit may be sent as often as wanted: it is made once. */
async function commit(session: ClientSession, mongo: OpenMongo, end: number): Promise<void> {
  for (let tries = 0; ; tries++)
    try {
      return await answered(session, mongo);
    } catch (error) {
      if (!isUnanswered(error) || open.has(session) || performance.now() > end) throw error;
      await beforeTry(tries);
    }
}

/** The client itself waits for a commit as long as it takes. */
async function answered(session: ClientSession, { mongodb, statementTimeout }: OpenMongo): Promise<void> {
  const committing = session.commitTransaction();
  if (statementTimeout <= 0) return committing;
  let ended = false;
  const end = () => {
    ended = true;
    if (open.has(session)) void session.endSession().catch(() => {});
  };
  committing.then(end, end);
  try {
    await withinTime(committing, mongodb, statementTimeout);
  } catch (error) {
    if (!ended) open.add(session);
    throw error;
  }
}

/** Sessions whose commit nobody waits for any more: they end when it does. */
const open = new WeakSet<ClientSession>();

const isUnanswered = (error: unknown): boolean => hasLabel(error, 'UnknownTransactionCommitResult') || isOutage(error);
