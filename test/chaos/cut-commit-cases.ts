import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { settled } from '../policies/gate.js';
import { until } from '../support/until.js';
import type { Held } from './history.js';
import { type Process, placesOf, WRITES, type Write } from './process.js';
import { atRest, type Subject } from './subject.js';

/** Two tiers under test, and the way of the process A to the durable one, which can be cut. */
export interface Cuttable {
  readonly subject: Subject;
  readonly a: Process;
  readonly b: Process;
  /** From now on so many writes of A stand in the database at their commit. */
  hold(writes: number): Promise<Commits>;
  /** Nothing more passes on A's way, or nothing that answers. */
  stall(what: 'all' | 'answers'): void;
  /** The way breaks, and there is none until `mend`. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Commits that are under way. */
export interface Commits {
  /** Fulfilled when all stand there. */
  readonly waiting: () => Promise<void>;
  readonly goOn: () => Promise<void>;
}

const AFTER: Readonly<Record<Write, Held>> = { save: 300, delete: null, increment: 201, batch: 300 };

/** The connection of a process to the database is cut before, in and after the commits of its writes. */
export function cutCommitCases(make: () => Promise<Cuttable>): void {
  let cuttable: Cuttable;

  beforeEach(async () => {
    cuttable = await make();
  });
  afterEach(() => cuttable?.close());

  describe('a write whose connection to the database is cut', () => {
    test.each([
      ['before it reached the database', false],
      ['while its commit is under way', true],
      ['after its commit, before the answer', true],
    ] as const)('%s is not acknowledged, and leaves nothing old', async (moment, lands) => {
      const { subject, a, b } = cuttable;
      const keys = WRITES.map((write) => ({ write, id: subject.id() }));
      const places = keys.flatMap(({ write, id }) => placesOf(write, id).map((place) => ({ write, ...place })));
      for (const { id } of keys) for (const n of [100, 200]) await b.write('batch', id, n);
      const look = async () => {
        for (const { write, id, entity } of places) expect([200, AFTER[write]]).toContain(await b.find(id, entity));
      };
      const all = () => Promise.all(keys.map(({ write, id }) => a.write(write, id, 300)));

      let over: Promise<boolean[]>;
      if (lands) {
        const commits = await cuttable.hold(keys.length);
        over = all();
        await commits.waiting();
        await look();
        if (moment === 'while its commit is under way') {
          cuttable.cut();
          await over;
          // What is read before it lands is not to stay hot.
          await look();
        } else cuttable.stall('answers');
        await commits.goOn();
        for (const place of places) {
          await until('the commit is made', async () => (await b.durable(place)) === AFTER[place.write]);
          subject.history.landed('A', place, AFTER[place.write]);
        }
      } else {
        const stops = keys.map(({ id }) => a.steps.stop(id, 'before durable write'));
        over = all();
        for (const { reached } of stops) await reached;
        cuttable.stall('all');
        for (const { go } of stops) go();
        await settled();
        await settled();
      }
      cuttable.cut();
      await look();
      expect(await over).toEqual(keys.map(() => false));
      await look();
      cuttable.mend();
      await atRest(subject, [b, a], places);
    });
  });
}
