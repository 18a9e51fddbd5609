import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Holdfast, type HoldfastOptions } from '../../src/index.js';
import { type Calls, performed } from './performed.js';
import type { Step } from './step.js';
import { type Subject, subjects, type Variant } from './subjects.js';

/** What is opened: options of `Holdfast.open`, and what the entities have. */
export interface StoreOptions extends Partial<Variant>, Pick<HoldfastOptions, 'redis' | 'namespace'> {
  readonly name: string;
  /** A durable home; `DIR` in it stands for a folder of its own. */
  readonly home?: string;
}

/** One holdfast with entities of every kind. */
export interface Store {
  readonly name: string;
  /** What each of the steps answers, to who starts with nothing. Stops after `wrong`. */
  run(subject: Subject, steps: readonly Step[], wrong: (answer: unknown, at: number) => boolean): Promise<void>;
  close(): Promise<void>;
}

/** Opens stores, or those of them whose names match `PROPERTY_STORES`. */
export function openStores(all: readonly StoreOptions[]): Promise<readonly Store[]> {
  const wanted = new RegExp(process.env.PROPERTY_STORES ?? '');
  return Promise.all(all.filter(({ name }) => wanted.test(name)).map(openStore));
}

let runs = 0;

async function openStore({ name, home, cached = false, ...options }: StoreOptions): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-property-'));
  const variant = { homed: home !== undefined, cached };
  const classes = new Map(subjects.map((subject) => [subject, subject.entity(variant)]));
  const holdfast = await Holdfast.open({
    entities: [...classes.values()],
    ...options,
    ...(home === undefined ? {} : { fallbacks: { home: home.replace('DIR', folder) }, synchronize: true }),
    logger: false,
    // A machine under load is no outage.
    circuitBreaker: { timeout: '30s' },
  });
  return {
    name,
    async run(subject, steps, wrong) {
      const repository = holdfast.repository(classes.get(subject)!) as unknown as Calls;
      // Nothing is left of another run: each has keys of its own.
      const scope = `${name} ${process.pid} ${runs++} `;
      for (const [at, step] of steps.entries()) if (wrong(await performed(repository, step, scope), at)) return;
    },
    async close() {
      await holdfast.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
