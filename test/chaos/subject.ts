import type { HoldfastOptions } from '../../src/index.js';
import type { History, Place } from './history.js';
import type { Process } from './process.js';

/** What a hot tier that was killed comes back with: nothing, what it had when `keep` was called, or all that it had. */
export type Comeback = 'nothing' | 'what it had kept before' | 'all that it had';

export const COMEBACKS: readonly Comeback[] = ['nothing', 'what it had kept before', 'all that it had'];

/** Two tiers under test, and what can befall the hot one. */
export interface Subject {
  readonly history: History;
  /** Another process on the same tiers. */
  open(name: string): Promise<Process>;
  /** A fresh id. */
  id(): string;
  /** All that is hot is gone; it goes on. */
  flush(): Promise<void>;
  /** Keeps what is hot now, for a comeback. */
  keep(): Promise<void>;
  kill(): Promise<void>;
  comeBack(withWhat: Comeback): Promise<void>;
  /** These processes no longer reach the hot tier, which goes on for the others. */
  cut(processes: readonly Process[]): Promise<void>;
  mend(processes: readonly Process[]): Promise<void>;
  /** Lets more time go by than any lock or right to fill lasts that nobody renews. */
  outlast(): Promise<void>;
  /** Waits for work that may run into a time limit. */
  during<T>(work: Promise<T>): Promise<T>;
  /** Waits until `check` does not throw, for no longer than the hot tier may take to be repaired. */
  settle(check: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** Neither timeouts nor breakers: what the gates hold back may take its time. */
export const patient = {
  circuitBreaker: false,
  bulkhead: false,
  retry: false,
} as const satisfies Partial<HoldfastOptions>;

/**
 * A lock lasts twice as long as a statement may take, and as long as a step on the hot tier: here 5 s. That is within the
 * repair interval, so that when it is over nothing is left of a process that was killed. No breaker opens.
 */
export const locksWithinRepair = {
  ...patient,
  circuitBreaker: { volumeThreshold: 1_000_000, durable: { timeout: 2000 }, hot: { timeout: 1000 } },
  repairInterval: 5000,
} as const satisfies Partial<HoldfastOptions>;

/** Whether a lock may be left: that of a process which was killed, or one that arrives late, lasts as long as its time. */
export type LocksLeft = 'none' | 'until their time is over';

/**
 * Insists that both tiers agree on these places when the repair interval is over, and nothing is left of what went wrong: no
 * row in the outbox, no lock.
 */
export async function atRest(
  subject: Pick<Subject, 'history' | 'settle' | 'outlast'>,
  processes: readonly Process[],
  places: readonly Place[],
  locks: LocksLeft = 'none',
): Promise<void> {
  const [any] = processes;
  const agree = (busy: boolean) => async () => {
    const rows = await any!.outbox();
    if (rows > 0) throw new Error(`${rows} rows are left in the outbox`);
    for (const place of places) {
      const durable = await any!.durable(place);
      const hot = await any!.hot(place);
      if (hot !== durable && hot !== 'cold' && !(busy && hot === 'busy'))
        throw new Error(`${place.entity} ${place.id} is ${hot} in the hot tier, ${durable} in the durable one`);
    }
  };
  await subject.settle(async () => {
    await agree(locks !== 'none')();
    await findLast(subject.history, processes, places);
  });
  subject.history.repaired();
  await findLast(subject.history, processes, places);
  if (locks === 'none') return;
  await subject.outlast();
  await agree(false)();
  await findLast(subject.history, processes, places);
}

async function findLast(history: History, processes: readonly Process[], places: readonly Place[]): Promise<void> {
  for (const place of places)
    for (const process of processes) {
      const last = history.last(place);
      const found = await process.find(place.id, place.entity);
      if (found !== last)
        throw new Error(
          `at rest ${process.name} reads ${place.entity} ${place.id} = ${found}, written last was ${last}`,
        );
    }
}
