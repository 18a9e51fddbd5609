import { afterEach, beforeEach, expect } from '@jest/globals';
import type { Place } from './history.js';
import { type Process, placesOf, WRITES, type Write } from './process.js';
import { READ_STEPS, type Step, type Stop, WRITE_STEPS } from './steps.js';
import { atRest, type LocksLeft, type Subject } from './subject.js';

/** A write or read of one process that stands at one of its steps, on a key of its own. */
interface Interrupted {
  readonly what: Write | 'find';
  readonly step: Step;
  readonly id: string;
  readonly stop: Stop;
  readonly over: Promise<unknown>;
}

/** What happens to the hot tier while they stand, and what goes on meanwhile. */
export interface Interruption {
  readonly begin?: () => Promise<void>;
  readonly end?: () => Promise<void>;
  /** When those that stand go on; one that was killed never does. */
  readonly goesOn: 'meanwhile' | 'afterwards' | 'never';
  /** It has happened already when they begin, so that their begin is not confirmed; they stop at these steps. */
  readonly early?: readonly Step[];
  /** When all have gone on, before anything is read. */
  readonly finish?: () => Promise<void>;
}

/** Where those come by whose begin is not confirmed. */
export const UNCONFIRMED: readonly Step[] = [
  'after begin',
  'before durable write',
  'after durable write',
  'before durable read',
  'after durable read',
];

const WAYS: readonly (readonly [Write | 'find', readonly Step[]])[] = [
  ...WRITES.map((write) => [write, WRITE_STEPS] as const),
  ['find', READ_STEPS],
];

/** Before each test two tiers and three processes on them, of which one is to be stopped. */
export interface Interruptions {
  readonly subject: Subject;
  readonly stopped: Process;
  readonly writer: Process;
  readonly reader: Process;
  /** Every process. */
  readonly all: readonly Process[];
  interrupted(interruption: Interruption): Promise<void>;
  /** The others look at every key that the stopped one stands at. */
  look(): Promise<void>;
  /** Waits until these serve from the hot tier again. */
  trusting(...processes: Process[]): Promise<void>;
}

/**
 * One process is stopped between any two steps of a write or read, of which two others know nothing, and then something happens.
 *
 * @param ofDead how long locks are left of the stopped one where it is killed
 */
export function interruptions(make: () => Promise<Subject>, ofDead: LocksLeft): Interruptions {
  let subject: Subject;
  let stopped: Process;
  let writer: Process;
  let reader: Process;
  let standingNow: readonly Interrupted[];

  beforeEach(async () => {
    subject = await make();
    stopped = await subject.open('A');
    writer = await subject.open('B');
    reader = await subject.open('C');
  });
  afterEach(() => subject.close());

  const places = ({ what, id }: Interrupted): readonly Place[] => placesOf(what === 'find' ? 'save' : what, id);

  async function standing(early: Interruption['early'], begin: Interruption['begin']): Promise<Interrupted[]> {
    const keys = WAYS.flatMap(([what, steps]) =>
      steps
        .filter((step) => !early || early.includes(step))
        .flatMap((step) => [0, 1].map(() => ({ what, step, id: subject.id() }))),
    );
    for (const { id } of keys) await writer.write('batch', id, 100);
    await subject.keep();
    for (const { id } of keys) await writer.write('batch', id, 200);
    const all: Interrupted[] = [];
    for (const { what, id } of keys) if (what === 'find') await writer.evict(id);
    if (early) await begin?.();
    for (const { what, step, id } of keys) {
      const stop = stopped.steps.stop(id, step);
      const over = what === 'find' ? stopped.load(id) : stopped.write(what, id, 300);
      // One that fails later is asked for its end then.
      over.catch(() => undefined);
      const reached = await Promise.race([stop.reached.then(() => true), over.then(() => false)]);
      expect({ what, step, reached }).toEqual({ what, step, reached: true });
      all.push({ what, step, id, stop, over });
    }
    standingNow = all;
    return all;
  }

  async function look(all: readonly Interrupted[], ...processes: readonly Process[]): Promise<void> {
    for (const one of all)
      for (const { entity, id } of places(one))
        for (const process of processes)
          await process.find(id, entity).catch((error: Error) => {
            error.message += `; A ${one.what} was held ${one.step}`;
            throw error;
          });
  }

  async function goOn(all: readonly Interrupted[]): Promise<void> {
    for (const { stop, over } of all) {
      stop.go();
      await over;
    }
  }

  async function interrupted({ begin, end, goesOn, early, finish }: Interruption): Promise<void> {
    const all = await standing(early, begin);
    if (goesOn === 'never') stopped.die();
    if (!early) await begin?.();
    await look(all, writer, reader);
    // Every other key is written by somebody else meanwhile.
    const odd = all.filter((_, at) => at % 2 === 1);
    for (const { what, id } of odd) await writer.write(what === 'batch' ? 'batch' : 'save', id, 400);
    if (goesOn === 'meanwhile') await goOn(all);
    await look(all, writer, reader);
    await end?.();
    const survivors = [stopped, writer, reader].filter(({ steps }) => !steps.dead);
    // Who reads in the process whose own read of the key still stands waits for it.
    if (goesOn === 'afterwards') {
      await look(all, writer, reader);
      // One that is to go on unaware reads nothing before.
      if (!finish)
        await look(
          all.filter(({ what }) => what !== 'find'),
          stopped,
        );
      await goOn(all);
      await finish?.();
    }
    await look(all, ...survivors);
    const dead = stopped.steps.dead;
    const finds = all.filter(({ what }) => what === 'find');
    const writes = all.filter(({ what }) => what !== 'find');
    await atRest(subject, survivors, writes.flatMap(places), dead ? ofDead : 'none');
    // Somebody's right to fill keeps nobody from anything: the others go to the durable store meanwhile.
    await atRest(subject, survivors, finds.flatMap(places), dead ? ofDead : 'until their time is over');
  }

  return {
    get subject() {
      return subject;
    },
    get stopped() {
      return stopped;
    },
    get writer() {
      return writer;
    },
    get reader() {
      return reader;
    },
    get all() {
      return [stopped, writer, reader];
    },
    interrupted,
    look: () => look(standingNow, writer, reader),
    trusting: (...processes) =>
      subject.settle(async () => {
        for (const { trusting, name } of processes)
          if (!trusting) throw new Error(`${name} does not trust the hot tier`);
      }),
  };
}
