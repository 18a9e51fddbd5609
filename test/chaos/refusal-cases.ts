import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Held, Place } from './history.js';
import { type Process, placesOf, WRITES } from './process.js';
import { atRest, type Subject } from './subject.js';

/** How a hot tier comes to refuse writes; `keeps`: entries stay as they are, and could be read by whoever asks for them plainly. */
const REFUSALS = {
  'READONLY, since it was made a replica': { keeps: true },
  'NOREPLICAS, for want of replicas': { keeps: true },
  'MISCONF, since it cannot save': { keeps: true },
  'OOM, for want of memory': { keeps: false },
} as const;

export type Refusal = keyof typeof REFUSALS;

/** Two tiers under test, of which the hot one can refuse writes. */
export interface Refusing {
  readonly subject: Subject;
  begin(how: Refusal): Promise<unknown>;
  end(how: Refusal): Promise<unknown>;
  /** What lies there for a note, for who asks past everything. */
  lies(id: string): Promise<Held | string>;
}

/** Two tiers under test, of which the hot one has no room for all that is put into it. */
export interface Evicting {
  readonly subject: Subject;
  /** From now on the tier has room for no more than it holds, and less. */
  shrink(): Promise<unknown>;
  /** Makes it let something go. */
  press(): Promise<unknown>;
  grow(): Promise<unknown>;
}

const look = async (places: readonly Place[], ...processes: Process[]) => {
  for (const { id, entity } of places) for (const process of processes) await process.find(id, entity);
};

/** The hot tier refuses writes while processes read and write. */
export function refusalCases(make: () => Promise<Refusing>): void {
  let refusing: Refusing;

  beforeEach(async () => {
    refusing = await make();
  });
  afterEach(() => refusing?.subject.close());

  describe.each(Object.entries(REFUSALS))('a hot tier that refuses writes with %s,', (name, { keeps }) => {
    const how = name as Refusal;

    test('serves nothing that could not be invalidated', async () => {
      const { subject } = refusing;
      const a = await subject.open('A');
      const b = await subject.open('B');
      const unaware = await subject.open('C');
      const ids = WRITES.map(() => subject.id());
      const places = ids.flatMap((id) => placesOf('batch', id));
      for (const id of ids) for (const n of [100, 200]) await b.write('batch', id, n);
      await refusing.begin(how);
      await look(places, a, b);
      for (const [at, write] of WRITES.entries()) expect(await a.write(write, ids[at]!, 300)).toBe(true);
      if (keeps) for (const id of ids) expect(await refusing.lies(id)).toBe(200);
      await look(places, a, b);
      expect(await b.write('save', ids[0]!, 400)).toBe(true);
      await look(places, a, b);
      await refusing.end(how);
      await look(places, a, b, unaware);
      await atRest(subject, [a, b, unaware], places);
    });
  });
}

/** The hot tier lets go of what was not used for long while two processes read and write. */
export function evictionCases(make: () => Promise<Evicting>): void {
  let evicting: Evicting;

  beforeEach(async () => {
    evicting = await make();
  });
  afterEach(() => evicting?.subject.close());

  describe('a hot tier that evicts what was not used for long', () => {
    test('never turns an evicted value into an empty one', async () => {
      const { subject } = evicting;
      const a = await subject.open('A');
      const b = await subject.open('B');
      const ids = Array.from({ length: 200 }, () => subject.id());
      await Promise.all(ids.map((id) => b.write('batch', id, 100)));
      // Some are known not to exist.
      await Promise.all(ids.slice(150).map((id) => b.write('delete', id, 0)));
      const places = ids.flatMap((id) => placesOf('batch', id));
      await evicting.shrink();
      for (let round = 1; round <= 5; round++) {
        await evicting.press();
        await Promise.all(places.map(({ id, entity }) => a.find(id, entity)));
        await Promise.all(ids.slice(0, 50).map((id) => b.write('batch', id, 100 + round)));
        await Promise.all(places.map(({ id, entity }) => a.find(id, entity)));
      }
      await evicting.grow();
      await atRest(subject, [a, b], places);
    });
  });
}
