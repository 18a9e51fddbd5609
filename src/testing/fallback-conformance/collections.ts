import type { Structure } from '../../core/collection.js';
import type { Schema } from '../../core/schema.js';
import { STRUCTURES, sampleCollection } from '../sample-collections.js';
import { assertInvalid, type Bench, testing } from './bench.js';
import { Collections } from './collections-bench.js';

/** The schema that most cases of a structure are about. */
export const sampleOf = (structure: Structure, more: Partial<Parameters<typeof sampleCollection>[0]> = {}): Schema =>
  sampleCollection({ structure, ...more });

/** A case on a fresh store for one schema; its name begins with the structure. */
export const collecting = (
  structure: Structure,
  name: string,
  run: (subject: Collections, bench: Bench) => Promise<void>,
  more: Partial<Parameters<typeof sampleCollection>[0]> = {},
) =>
  testing(`of a ${structure}: ${name}`, async (bench) =>
    run(await Collections.open(bench, sampleOf(structure, more)), bench),
  );

/** The same case for each of the structures; by default for all. */
export const collectingEach = (
  name: string,
  run: (subject: Collections, structure: Structure, bench: Bench) => Promise<void>,
  structures: readonly Structure[] = STRUCTURES,
) => structures.map((structure) => collecting(structure, name, (subject, bench) => run(subject, structure, bench)));

/** Those whose members are changed one by one. */
export const SETS = ['sorted-set', 'geo-set', 'set'] as const;
/** Those whose members have scores. */
export const SCORED = ['sorted-set', 'geo-set'] as const;

/** The change that makes a collection of these members, where there is none, without replacing one. */
export const growing = (subject: Collections, id: string, texts: readonly string[], expiresAt?: number) =>
  subject.schema.kind.structure === 'list'
    ? subject.push(id, 'last', texts, expiresAt)
    : subject.add(id, texts, expiresAt);

/** The change that takes this member, which in a list is the last. */
export const shrinking = (subject: Collections, id: string, text: string) =>
  subject.schema.kind.structure === 'list' ? subject.pop(id, 'last') : subject.remove(id, text);

/** A case on a driver with expiry; one without must refuse what would expire. */
export const expiring = (
  name: string,
  run: (subject: Collections, structure: Structure, bench: Bench) => Promise<void>,
) =>
  collectingEach(name, async (subject, structure, bench) => {
    if (subject.driver.capabilities.ttl) return run(subject, structure, bench);
    const later = bench.now() + 3_600_000;
    await assertInvalid(subject.write(subject.put('a', ['x'], { expiresAt: later })), 'a collection that expires');
    await assertInvalid(subject.write(growing(subject, 'a', ['x'], later)), 'members of a collection that expires');
    await subject.lacks('a');
  });
