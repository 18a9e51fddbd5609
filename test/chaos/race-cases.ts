import { afterAll, beforeAll, test } from '@jest/globals';
import { type Process, placesOf } from './process.js';
import { READ_STEPS, type Step, type Stop, WRITE_STEPS } from './steps.js';
import { atRest, type LocksLeft, type Subject } from './subject.js';

/** One of two that race for a key. */
interface Racer {
  readonly steps: readonly Step[];
  run(process: Process, id: string, n: number): Promise<unknown>;
}

const fill: Racer = { steps: READ_STEPS, run: (process, id) => process.load(id) };
const save: Racer = { steps: WRITE_STEPS, run: (process, id, n) => process.write('save', id, n) };
const remove: Racer = { steps: WRITE_STEPS, run: (process, id) => process.write('delete', id, 0) };
const increment: Racer = { steps: WRITE_STEPS, run: (process, id) => process.write('increment', id, 0) };

const RACES: readonly (readonly [name: string, first: Racer, second: Racer])[] = [
  ['a fill against a write', fill, save],
  ['a fill against a delete', fill, remove],
  ['a fill against a second fill', fill, fill],
  ['a write against a write', save, save],
  ['a write against a delete', save, remove],
  ['an increment against an increment', increment, increment],
];

/** Starts a racer; resolves when it stands at its step, or is over without having come there. */
async function upTo(
  racer: Racer,
  step: Step,
  process: Process,
  id: string,
  n: number,
): Promise<Stop & { over: Promise<unknown> }> {
  const stop = process.steps.stop(id, step);
  const over = racer.run(process, id, n);
  await Promise.race([stop.reached, over]);
  return { ...stop, over };
}

/**
 * Two processes race for a key, each stopped at every step of its way, while a third one looks on.
 *
 * @param ofDead how long locks are left of one that is killed
 */
export function raceCases(make: () => Promise<Subject>, ofDead: LocksLeft): void {
  let subject: Subject;
  let a: Process;
  let b: Process;
  let onlooker: Process;

  beforeAll(async () => {
    subject = await make();
    a = await subject.open('A');
    b = await subject.open('B');
    onlooker = await subject.open('C');
  });
  afterAll(() => subject?.close());

  test.each(RACES)('%s leaves nothing old, wherever each of them is held up', async (_, first, second) => {
    for (const firstStep of first.steps)
      for (const secondStep of second.steps)
        for (const firstOnFirst of [true, false])
          for (const cold of [true, false])
            for (const watched of [true, false]) {
              const id = subject.id();
              await onlooker.save(id, 1);
              if (cold || first === fill) await onlooker.evict(id);
              const looks = async () => watched && onlooker.find(id);
              const one = await upTo(first, firstStep, a, id, 20);
              await looks();
              const other = await upTo(second, secondStep, b, id, 30);
              await looks();
              const [next, last] = firstOnFirst ? [one, other] : [other, one];
              for (const { go, over } of [next, last]) {
                go();
                await over;
                await looks();
              }
              await atRest(subject, [a, b, onlooker], placesOf('save', id)).catch((error: Error) => {
                const order = firstOnFirst ? 'first' : 'second';
                error.message += `; one was held ${firstStep}, the other ${secondStep}, the ${order} went on first (cold: ${cold}, watched: ${watched})`;
                throw error;
              });
            }
  });

  test.each(RACES)('%s leaves nothing old, wherever one of them is killed', async (_, first, second) => {
    const victims = [await subject.open('first victim'), await subject.open('second victim')] as const;
    const standing: { readonly id: string; readonly survivor: Stop & { over: Promise<unknown> } }[] = [];
    for (const firstStep of first.steps)
      for (const secondStep of second.steps)
        for (const dies of [0, 1]) {
          const id = subject.id();
          await onlooker.save(id, 1);
          if (first === fill) await onlooker.evict(id);
          const one = await upTo(first, firstStep, dies === 0 ? victims[0] : a, id, 20);
          const other = await upTo(second, secondStep, dies === 1 ? victims[1] : b, id, 30);
          standing.push({ id, survivor: dies === 0 ? other : one });
        }
    for (const victim of victims) victim.die();
    const places = standing.flatMap(({ id }) => placesOf('save', id));
    for (const { id, survivor } of standing) {
      survivor.go();
      await survivor.over;
      await onlooker.find(id);
    }
    await atRest(subject, [a, b, onlooker], places, ofDead);
  });
}
