import { type KeyedChange, StoreFault, type WriteResult } from '../core/fallback-driver.js';
import { getOrMake } from '../core/get-or-make.js';
import type { CommitMode, HotFault } from '../core/hot-store.js';
import type { Done, Entry } from '../core/kind.js';
import type { Key, Schema } from '../core/schema.js';
import { keysBySchema } from './by-schema.js';
import { type FencedParts, hotEntries } from './fenced-parts.js';
import { StepBatch } from './step-batch.js';
import { unavailable } from './unavailable.js';
import { isUnknown, keepUntilKnown } from './unknown-outcome.js';

type Touched = ReadonlyMap<Schema, readonly Key[]>;
type Written = readonly (readonly [Key, Entry | null])[];

/** One write: its keys, and the token of its locks. */
interface Writing {
  readonly token: string;
  readonly touched: Touched;
  /** Keys whose lock was not confirmed, by their ids; true where it may be there all the same. */
  readonly unlocked: ReadonlyMap<Schema, ReadonlyMap<string, boolean>>;
}

/** Whether the step certainly was not made. */
const neverSent = ({ error }: NonNullable<HotFault>) => error instanceof StoreFault && error.outcome === 'none';

/** How a fenced store is written: lock the hot entries, write durably, commit the hot entries. */
export class FencedWrites {
  readonly #parts: FencedParts;
  readonly #steps: StepBatch;

  constructor(parts: FencedParts) {
    this.#parts = parts;
    this.#steps = new StepBatch(parts);
  }

  async write(changes: readonly KeyedChange[], mode: CommitMode): Promise<WriteResult> {
    const { driver, durableOutage, inFlight } = this.#parts;
    const touched = keysBySchema(changes);
    this.#tell(touched);
    const writing = await this.#begin(touched);
    let result: WriteResult;
    try {
      result = await driver.write(changes);
      durableOutage.ok();
    } catch (error) {
      if (isUnknown(error)) inFlight.track(this.#keepUntilKnown(writing, error));
      else await this.#abandon(writing);
      throw unavailable(`Writing ${[...touched.keys()].map((schema) => schema.name).join(', ')}`, error, durableOutage);
    } finally {
      this.#tell(touched);
    }
    if (result.done) await this.#commit(changes, result.outcomes, writing, mode);
    else await this.#abandon(writing);
    this.#tell(touched);
    return result;
  }

  /** Makes the keys cold. */
  async drop(schema: Schema, keys: readonly Key[]): Promise<void> {
    const { hot, changed } = this.#parts;
    changed(schema, keys);
    this.#distrust(schema, keys, await hot.drop(schema, keys));
    changed(schema, keys);
  }

  async #begin(touched: Touched): Promise<Writing> {
    const [one] = touched;
    if (one && touched.size === 1) {
      const { token, faults } = await this.#steps.begin(...one);
      return { token, touched, unlocked: this.#unlocked([[...one, faults]], token) };
    }
    const { hot, lockTime } = this.#parts;
    const token = this.#parts.token();
    const begun = await Promise.all(
      [...touched].map(
        async ([schema, keys]) => [schema, keys, await hot.begin(schema, keys, token, lockTime)] as const,
      ),
    );
    return { token, touched, unlocked: this.#unlocked(begun, token) };
  }

  #unlocked(
    begun: readonly (readonly [Schema, readonly Key[], readonly HotFault[]])[],
    token: string,
  ): Writing['unlocked'] {
    const unlocked = new Map<Schema, Map<string, boolean>>();
    for (const [schema, keys, faults] of begun)
      faults.forEach((fault, index) => {
        if (!fault) return;
        const key = keys[index]!;
        const maybe = !neverSent(fault);
        getOrMake(unlocked, schema, () => new Map<string, boolean>()).set(key.id, maybe);
        this.#parts.undelivered.add(schema, key, maybe ? token : undefined);
      });
    return unlocked;
  }

  async #commit(
    changes: readonly KeyedChange[],
    outcomes: readonly Done[],
    writing: Writing,
    mode: CommitMode,
  ): Promise<void> {
    const last = new Map<Schema, Map<string, readonly [Key, Entry | null]>>();
    changes.forEach(({ schema, key }, index) => {
      getOrMake(last, schema, () => new Map()).set(key.id, [key, outcomes[index]!.entry]);
    });
    await Promise.all(
      [...last].map(([schema, entries]) => this.#commitAll(schema, [...entries.values()], writing, mode)),
    );
  }

  async #commitAll(schema: Schema, written: Written, writing: Writing, mode: CommitMode): Promise<void> {
    const unlocked = writing.unlocked.get(schema);
    if (!unlocked) return this.#put(schema, written, writing, mode);
    // A begin without an answer may arrive later, or twice, and a commit after it would then undo what others wrote between
    // the two. What is abandoned can only become cold.
    const sure = written.filter(([key]) => !unlocked.has(key.id));
    const unsure = written.filter(([key]) => unlocked.has(key.id)).map(([key]) => key);
    await Promise.all([
      sure.length > 0 && this.#put(schema, sure, writing, mode),
      this.#leave(schema, unsure, writing),
    ]);
  }

  async #put(schema: Schema, written: Written, writing: Writing, mode: CommitMode): Promise<void> {
    const entries = hotEntries(schema, written, this.#parts.clock);
    const faults = await this.#steps.commit(schema, entries, writing.token, mode);
    this.#distrust(
      schema,
      written.map(([key]) => key),
      faults,
      writing,
    );
  }

  async #abandon(writing: Writing): Promise<void> {
    await Promise.all([...writing.touched].map(([schema, keys]) => this.#leave(schema, keys, writing)));
  }

  async #leave(schema: Schema, keys: readonly Key[], writing: Writing): Promise<void> {
    this.#distrust(schema, keys, await this.#parts.hot.abandon(schema, keys, writing.token), writing);
  }

  #keepUntilKnown(writing: Writing, fault: StoreFault): Promise<void> {
    const { hot, clock, lockTime } = this.#parts;
    const { token, touched } = writing;
    return keepUntilKnown({
      fault,
      clock,
      lockTime,
      // Where it does not arrive there is nothing to make up for: the lock may yet stand, and must.
      renew: async () => {
        await Promise.all([...touched].map(([schema, keys]) => hot.renew(schema, keys, token, lockTime)));
      },
      release: async () => {
        await this.#abandon(writing);
        this.#tell(touched);
      },
    });
  }

  /** Keys whose step could not be delivered are not served hot until they have been dropped. */
  #distrust(schema: Schema, keys: readonly Key[], faults: readonly HotFault[], writing?: Writing): void {
    faults.forEach((fault, index) => {
      if (!fault) return;
      const key = keys[index]!;
      const locked = writing && (writing.unlocked.get(schema)?.get(key.id) ?? true);
      this.#parts.undelivered.add(schema, key, locked ? writing.token : undefined);
    });
  }

  /** The keys are about to change, or have: caches and waiting readers let go of what they know. */
  #tell(touched: Touched): void {
    const { fills, changed } = this.#parts;
    for (const [schema, keys] of touched) {
      fills.forget(schema, keys);
      changed(schema, keys);
    }
  }
}
