import type { Delta } from '../core/collection.js';
import { type KeyedChange, StoreFault, type WriteResult } from '../core/fallback-driver.js';
import { getOrMake } from '../core/get-or-make.js';
import type { CommitMode, HotFault } from '../core/hot-store.js';
import type { Done, Entry } from '../core/kind.js';
import type { Key, Schema } from '../core/schema.js';
import { keysBySchema } from './by-schema.js';
import type { FencedParts } from './fenced-parts.js';
import { type HeldLocks, LockKeeper } from './held-locks.js';
import { hotEntry } from './hot-entry.js';
import { type MembersTouched, membersTouched } from './members-touched.js';
import type { OutboxRow } from './outbox.js';
import { StepBatch } from './step-batch.js';
import { unavailable } from './unavailable.js';
import { isUnknown, releaseWhenKnown } from './unknown-outcome.js';

type Touched = HeldLocks['touched'];
/** What a key has become: an entry as a whole, or what was done to some of its members. */
type Became = { readonly key: Key } & ({ readonly entry: Entry | null } | { readonly deltas: readonly Delta[] });

/** Whether the step certainly was not made. */
const neverSent = ({ error }: NonNullable<HotFault>) => error instanceof StoreFault && error.outcome === 'none';

/** One write: its locks, and the rows of those that were not confirmed. */
interface Writing extends HeldLocks {
  /** The keys whose lock was not confirmed, by their ids; true where it may be there all the same. */
  readonly unlocked: ReadonlyMap<Schema, ReadonlyMap<string, boolean>>;
  readonly rows: readonly OutboxRow[];
}

/** How a fenced store is written: lock the hot entries, write durably, commit the hot entries. */
export class FencedWrites {
  readonly #parts: FencedParts;
  readonly #steps: StepBatch;
  readonly #keeper: LockKeeper;

  constructor(parts: FencedParts) {
    this.#parts = parts;
    this.#steps = new StepBatch(parts);
    this.#keeper = new LockKeeper(parts);
  }

  async write(changes: readonly KeyedChange[], mode: CommitMode): Promise<WriteResult> {
    const { outbox, durableOutage, inFlight } = this.#parts;
    const touched = keysBySchema(changes);
    const subject = `Writing ${[...touched.keys()].map((schema) => schema.name).join(', ')}`;
    this.#tell(touched);
    const writing = await this.#begin(touched, membersTouched(changes));
    this.#keeper.hold(writing);
    let result: WriteResult;
    try {
      result = await outbox.write(changes, writing.rows);
      durableOutage.ok();
    } catch (error) {
      if (isUnknown(error)) inFlight.track(this.#releaseWhenKnown(writing, error));
      else await this.#abandon(writing, true);
      throw unavailable(subject, error, durableOutage);
    } finally {
      this.#tell(touched);
    }
    if (result.done) await this.#acknowledge(subject, await this.#commit(changes, result.outcomes, writing, mode));
    else await this.#abandon(writing, true);
    this.#tell(touched);
    return result;
  }

  /** Makes the keys cold. @throws StoreUnavailableError where neither the hot tier nor the outbox could be told */
  async drop(schema: Schema, keys: readonly Key[]): Promise<void> {
    const { hot, changed, token } = this.#parts;
    changed(schema, keys);
    const rows = this.#missed(schema, keys, await hot.drop(schema, keys), token());
    await this.#acknowledge(`Dropping ${schema.name}`, rows);
    changed(schema, keys);
  }

  async #begin(touched: Touched, membersOf: MembersTouched): Promise<Writing> {
    const [one] = touched;
    if (one && touched.size === 1) {
      const { token, faults } = await this.#steps.begin(...one, membersOf(...one));
      return this.#begun(touched, token, [faults]);
    }
    const { hot, lockTime, servedFor } = this.#parts;
    const token = this.#parts.token();
    const faults = await Promise.all(
      [...touched].map(([schema, keys]) =>
        hot.begin(schema, keys, token, lockTime, servedFor, membersOf(schema, keys)),
      ),
    );
    return this.#begun(touched, token, faults);
  }

  #begun(touched: Touched, token: string, faults: readonly (readonly HotFault[])[]): Writing {
    const unlocked = new Map<Schema, Map<string, boolean>>();
    const rows: OutboxRow[] = [];
    [...touched].forEach(([schema, keys], at) => {
      const missed = keys.filter((key, index) => {
        const fault = faults[at]![index];
        if (!fault) return false;
        getOrMake(unlocked, schema, () => new Map<string, boolean>()).set(key.id, !neverSent(fault));
        this.#lose(schema, key, fault);
        return true;
      });
      rows.push(...this.#parts.outbox.rows(schema, missed, token));
    });
    return { token, touched, unlocked, rows };
  }

  /** Gives the rows of the keys that were not told. */
  async #commit(
    changes: readonly KeyedChange[],
    outcomes: readonly Done[],
    writing: Writing,
    mode: CommitMode,
  ): Promise<OutboxRow[]> {
    const last = new Map<Schema, Map<string, Became>>();
    changes.forEach(({ schema, key }, index) => {
      const keys = getOrMake(last, schema, () => new Map<string, Became>());
      keys.set(key.id, became(schema, key, keys.get(key.id), outcomes[index]!));
    });
    const rows = await Promise.all(
      [...last].map(([schema, keys]) => this.#commitAll(schema, [...keys.values()], writing, mode, changes.length)),
    );
    this.#keeper.release(writing);
    return rows.flat();
  }

  async #commitAll(
    schema: Schema,
    written: readonly Became[],
    writing: Writing,
    mode: CommitMode,
    changes: number,
  ): Promise<OutboxRow[]> {
    const unlocked = writing.unlocked.get(schema);
    if (!unlocked) return this.#put(schema, written, writing, mode);
    // A begin without an answer may arrive later, or twice, and a commit after it would then undo what others wrote between
    // the two. What is abandoned can only become cold.
    const sure = written.filter(({ key }) => !unlocked.has(key.id));
    const unsure = written.filter(({ key }) => unlocked.has(key.id)).map(({ key }) => key);
    const rows = await Promise.all([
      sure.length > 0 ? this.#put(schema, sure, writing, mode) : [],
      this.#leaveWritten(schema, unsure, writing, changes),
    ]);
    return rows.flat();
  }

  /** Of these keys there are rows, written with the change; gives those that have to be stored again. */
  async #leaveWritten(schema: Schema, keys: readonly Key[], writing: Writing, changes: number): Promise<OutboxRow[]> {
    const { hot, outbox } = this.#parts;
    if (outbox.goAhead(writing.rows.length, changes)) return this.#leave(schema, keys, writing);
    const faults = await hot.abandon(schema, keys, writing.token);
    keys.forEach((key, index) => {
      const fault = faults[index];
      if (!fault) return;
      // A begin that arrives after others have seen to the row is this process's to take back: nobody else knows of it.
      if (writing.unlocked.get(schema)!.get(key.id)) outbox.keep(schema, [key], writing.token);
      // The drain that may have made the place trusted meanwhile has not seen the rows.
      this.#lose(schema, key, fault);
    });
    return [];
  }

  async #put(schema: Schema, written: readonly Became[], { token }: Writing, mode: CommitMode): Promise<OutboxRow[]> {
    const { clock } = this.#parts;
    const entries = written.map((one) => ('deltas' in one ? one : hotEntry(schema, one.key, one.entry, clock)));
    const faults = await this.#steps.commit(schema, entries, token, mode);
    const keys = written.map(({ key }) => key);
    return this.#missed(schema, keys, faults, token);
  }

  /** Nothing was written, or it is not known: what the hot tier cannot be told of now, it is told by the outbox. */
  async #abandon(writing: Writing, known: boolean): Promise<void> {
    const { touched, unlocked } = writing;
    const left = await Promise.all(
      [...touched].map(([schema, keys]) => {
        // Where nothing was written, a lock that was never asked for is nothing to be told of.
        const held = known ? keys.filter(({ id }) => unlocked.get(schema)?.get(id) !== false) : keys;
        return this.#leave(schema, held, writing);
      }),
    );
    this.#keeper.release(writing);
    // What cannot be stored is kept in memory.
    await this.#parts.outbox.store(left.flat()).catch(() => {});
  }

  /** Takes the write out of its locks; gives rows for those where it could not. */
  async #leave(schema: Schema, keys: readonly Key[], { token }: Writing): Promise<OutboxRow[]> {
    if (keys.length === 0) return [];
    return this.#missed(schema, keys, await this.#parts.hot.abandon(schema, keys, token), token);
  }

  /** Before it is acknowledged, what the hot tier was not told is in the outbox. */
  async #acknowledge(subject: string, rows: readonly OutboxRow[]): Promise<void> {
    const { outbox, durableOutage } = this.#parts;
    try {
      await outbox.store(rows);
    } catch (error) {
      const fault = new StoreFault(`The outbox: ${(error as Error).message}`, 'unknown', { cause: error });
      throw unavailable(subject, fault, durableOutage);
    }
  }

  #releaseWhenKnown(writing: Writing, fault: StoreFault): Promise<void> {
    const release = async () => {
      await this.#abandon(writing, false);
      this.#tell(writing.touched);
    };
    return releaseWhenKnown({ fault, clock: this.#parts.clock, release });
  }

  /** Rows for the keys that a step did not reach. A drain that begins from now on sees them. */
  #missed(schema: Schema, keys: readonly Key[], faults: readonly HotFault[], token: string): OutboxRow[] {
    const missed = keys.filter((_, index) => faults[index]);
    if (missed.length === 0) return [];
    const rows = this.#parts.outbox.keep(schema, missed, token);
    keys.forEach((key, index) => {
      const fault = faults[index];
      if (fault) this.#lose(schema, key, fault);
    });
    return rows;
  }

  /** The hot tier is not trusted where the key lies until the outbox has been drained. */
  #lose(schema: Schema, key: Key, { error }: NonNullable<HotFault>): void {
    this.#parts.trust.lose(this.#parts.hot.place(schema, key), error);
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

/** What a key has become by one more change. */
function became(schema: Schema, key: Key, before: Became | undefined, { entry, delta }: Done): Became {
  if (!delta) return { key, entry };
  if (!before || 'deltas' in before) return { key, deltas: [...(before?.deltas ?? []), delta] };
  // Made within the same write: what it holds now is known.
  if (entry === null || entry.value !== undefined || before.entry === null) return { key, entry };
  return { key, entry: { ...entry, value: schema.kind.merge!(before.entry.value, delta) } };
}
