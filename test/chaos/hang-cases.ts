import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Place } from './history.js';
import { type Process, placesOf, WRITES } from './process.js';
import { atRest, type Subject } from './subject.js';

/** How a hot tier stops to answer, and whether for all or for one process. */
const SILENCES = {
  'that is behind a proxy which accepts and passes nothing on': { forAll: false },
  'whose answers do not arrive': { forAll: false },
  'that stands still': { forAll: true },
} as const;

export type Silence = keyof typeof SILENCES;

/** Two tiers under test, of which the hot one can fall silent. */
export interface Hanging {
  readonly subject: Subject;
  /** What is asked from now on is held back, or what is answered. */
  silence(how: Silence, process: Process): void;
  /** What was held back arrives, late. */
  speak(how: Silence, process: Process): void;
}

/** What processes are opened with: time limits that are soon over. */
export const HANGING = { circuitBreaker: { hot: { timeout: 100, resetTimeout: 100 } } } as const;

/** The hot tier accepts and never answers, while two processes read and write. */
export function hangCases(make: () => Promise<Hanging>): void {
  describe.each(Object.entries(SILENCES))('a hot tier %s', (name, { forAll }) => {
    const how = name as Silence;
    let hanging: Hanging;
    let subject: Subject;
    let a: Process;
    let b: Process;

    beforeEach(async () => {
      hanging = await make();
      ({ subject } = hanging);
      a = await subject.open('A');
      b = await subject.open('B');
    });
    afterEach(() => subject?.close());

    test.each([
      ['while it is silent', true],
      ['when it answers again', false],
    ])('lets reads and writes go on, and serves nothing old, though somebody else writes %s', async (_, meanwhile) => {
      const keys = WRITES.flatMap((write) => [0, 1].map((other) => ({ write, other, id: subject.id() })));
      const places = keys.flatMap<Place>(({ id }) => placesOf('batch', id));
      for (const { id } of keys) for (const n of [100, 200]) await b.write('batch', id, n);
      const overwrite = async () => {
        for (const { id, other } of keys)
          if (other === 1) expect(await subject.during(b.write('batch', id, 400))).toBe(true);
      };
      const look = async (...processes: Process[]) => {
        for (const { id, entity } of places)
          for (const process of processes) await subject.during(process.find(id, entity));
      };
      hanging.silence(how, a);
      for (const { write, id } of keys) expect(await subject.during(a.write(write, id, 300))).toBe(true);
      await look(a, ...(forAll ? [b] : []));
      if (meanwhile) await overwrite();
      await look(a, b);
      hanging.speak(how, a);
      await look(a, b);
      if (!meanwhile) await overwrite();
      await look(a, b);
      await atRest(subject, [a, b], places);
    });
  });
}
