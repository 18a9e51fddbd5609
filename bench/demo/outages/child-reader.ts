import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CITY, Location, PlainCity } from '../city.js';
import type { Reader } from './party.js';
import type { ReaderNews, ReaderOrders } from './reader-process.js';
import type { Reading } from './readers.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** A reader in a process of its own. */
export interface ChildReader extends Reader {
  /** From now on it reads, and tells what. */
  start(told: (reading: Reading) => void, failed: (error: Error) => void): void;
  /** Fulfilled when all that it read has been told. */
  stop(): Promise<void>;
}

/** Starts the process, and waits until its holdfast is open. @throws Error where it ends before */
export async function openChildReader(orders: ReaderOrders): Promise<ChildReader> {
  const child = fork(path('./reader-process.ts'), {
    execArgv: ['--import', path('../../../scripts/typescript.mjs')],
    env: { ...process.env, HOLDFAST_DEMO_CITY: CITY },
    serialization: 'advanced',
  });
  const ended = once(child, 'exit');
  let told = (_: Reading) => {};
  let failed = (_: Error) => {};
  let last: ReaderNews | undefined;
  const first = once(child, 'message');
  child.on('message', (news: ReaderNews) => {
    last = news;
    for (const reading of news.readings) told({ ...reading, answers: reading.answers.map(revived) });
    for (const message of news.failures) failed(new Error(message));
  });
  child.send(orders);
  const early = ended.then(([code]) => Promise.reject(new Error(`The process of the reader ended with code ${code}.`)));
  early.catch(() => {});
  await Promise.race([first, early]);
  return {
    name: 'the process',
    caches: 0,
    get dead() {
      return false;
    },
    counts: () => last!.counts,
    hotState: () => last!.hotState,
    start(onTold, onFailed) {
      told = onTold;
      failed = onFailed;
    },
    async stop() {
      if (child.connected) child.send('over');
      await ended;
      if (!last?.over) failed(new Error('The process of the reader ended before it was told to.'));
    },
  };
}

/** What was sent from process to process is of no class any more. */
function revived(answer: unknown): unknown {
  if (!(answer instanceof Object)) return answer;
  const { location } = answer as Partial<PlainCity>;
  return Object.assign(new PlainCity(), answer, { location: Object.assign(new Location(), location) });
}
