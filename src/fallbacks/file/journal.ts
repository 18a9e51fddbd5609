import { ValidationError } from '../../core/errors.js';
import { StoreFault } from '../../core/fallback-driver.js';
import type { Logger } from '../../core/logger.js';
import { atOnce } from '../at-once.js';
import { fault } from './fault.js';
import type { Counter, Files } from './files.js';
import { formatSegment, type Operation, parseSegment, type Segment } from './segment.js';

/** Writes after which the journal is emptied. */
const CHECKPOINT_SEGMENTS = 256;
/** Characters of them after which it is. */
const CHECKPOINT_SIZE = 8 * 1024 * 1024;

/** What a {@link Journal} works with. */
export interface JournalOptions {
  /** Absolute. */
  readonly directory: string;
  readonly files: Files;
  readonly logger: Logger;
  /** Unique to this process. */
  readonly token: string;
  /** @throws StoreFault where the lock may be another's */
  assertHeld(): void;
}

/** How far the journal is. */
export interface JournalState {
  readonly count: number;
  /** Files of a write that is being put in place, and what they are to hold. */
  readonly pending: ReadonlyMap<string, string | null> | undefined;
}

/**
 * Makes a write of several files all or none. A write becomes one flushed segment under the next number: from then on it is
 * made. Then its files are put in place, one rename each, and not flushed; a checkpoint does that later for many, and
 * empties the journal. After a power cut the segments since the last checkpoint are put in place again.
 *
 * `counter` tells readers how far it is: 2n when write n is in place, 2n - 1 while it is being put there. Then a reader takes
 * the files from the segment; and one that found the same number before and after has seen no part of a write.
 *
 * All methods but `state` are for the holder of the lock.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #counterFile: string;
  readonly #segments: string;
  #counter: Counter | undefined;
  #pending: { readonly number: number; readonly files: ReadonlyMap<string, string | null> } | undefined;
  #applied = 0;
  #floor = 0;
  #sinceCheckpoint = { segments: 0, size: 0 };
  #temporary = 0;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#counterFile = `${options.directory}/counter`;
    this.#segments = `${options.directory}/journal`;
  }

  /** Opens the journal, and puts in place again whatever a power cut may have undone. */
  async open(): Promise<void> {
    const { files } = this.#options;
    await files.makeDirectory(this.#segments);
    this.#counter = await files.counter(this.#counterFile);
    await this.#replay();
  }

  async close(): Promise<void> {
    await this.#counter?.close();
  }

  /** For readers, without the lock. */
  async state(): Promise<JournalState> {
    for (let tries = 0; tries < 100; tries++) {
      const count = await this.#read();
      if (count % 2 === 0) return { count, pending: undefined };
      const number = (count + 1) / 2;
      if (this.#pending?.number !== number) {
        const segment = await this.#segment(number);
        // In place by now, and gone with a checkpoint.
        if (segment === undefined) continue;
        this.#pending = { number, files: filesOf(segment) };
      }
      return { count, pending: this.#pending.files };
    }
    throw new StoreFault(
      `${this.#segments} misses a write that is being made. Close all that use the directory, and open it again.`,
      'none',
    );
  }

  /** Whether the counter still stands there. */
  async isAt(count: number): Promise<boolean> {
    return (await this.#read()) === count;
  }

  /** Ends what another holder, or an earlier write, left half in place. Call it before each write. */
  async begin(): Promise<void> {
    const count = await this.#read();
    this.#applied = Math.floor(count / 2);
    if (count % 2 === 0) return;
    const segment = await this.#segment(this.#applied + 1);
    if (segment) await this.#putInPlace(segment.operations);
    await this.#arrive(this.#applied + 1);
  }

  /** Makes a write. @throws StoreFault with outcome `none` or `unknown` */
  async commit(operations: readonly Operation[]): Promise<void> {
    const segment = await this.#append(operations, this.#floor);
    // It is made. What fails now is tried again before the next write; until then readers take the files from the segment.
    try {
      await this.#putInPlace(segment.operations);
      await this.#arrive(segment.number);
    } catch (error) {
      this.#options.logger.warn(
        `holdfast: a write to ${this.#options.directory} is in the journal, but could not be put in place yet (${(error as Error).message}).`,
      );
    }
  }

  /** Whether so much was written that a checkpoint is due. */
  get isLong(): boolean {
    const { segments, size } = this.#sinceCheckpoint;
    return segments >= CHECKPOINT_SEGMENTS || size >= CHECKPOINT_SIZE;
  }

  /** Flushes all that is in place, and empties the journal. */
  async checkpoint(): Promise<void> {
    const { files, directory } = this.#options;
    await this.begin();
    const segments = await this.#all();
    const paths = new Set(segments.flatMap(({ operations }) => operations.map(({ path }) => path)));
    if (paths.size > 0) {
      await atOnce([...paths], (path) => files.flush(`${directory}/${path}`));
      await atOnce([...directoriesOf(paths)], (path) => files.flushDirectory(`${directory}/${path}`));
      // The floor is made durable before anything below it is removed: a power cut may bring any removed segment back.
      const { number } = await this.#append([], this.#applied);
      this.#floor = number - 1;
      await this.#arrive(number);
    }
    for (const number of await this.#numbers()) if (number <= this.#floor) await files.remove(this.#fileOf(number));
    this.#sinceCheckpoint = { segments: 0, size: 0 };
  }

  async #append(operations: readonly Operation[], floor: number): Promise<Segment> {
    const { files } = this.#options;
    const segment = { number: this.#applied + 1, floor, operations };
    const text = textOf(segment);
    const file = this.#fileOf(segment.number);
    await fault('writing', file, 'none', async () => {
      const temporary = this.#temporaryFile();
      try {
        await files.create(temporary, text, { flush: true });
        this.#options.assertHeld();
        await files.rename(temporary, file);
      } catch (error) {
        await files.remove(temporary).catch(() => {});
        throw error;
      }
    });
    await fault('flushing', this.#segments, 'unknown', async () => {
      try {
        await files.flushDirectory(this.#segments);
        await this.#counter!.write(2 * segment.number - 1);
      } catch (error) {
        // Readers do not know of it yet; if this fails too, a later open may still make the write.
        await files.remove(file).catch(() => {});
        throw error;
      }
    });
    this.#pending = { number: segment.number, files: filesOf(segment) };
    this.#sinceCheckpoint.segments++;
    this.#sinceCheckpoint.size += text.length;
    return segment;
  }

  async #arrive(number: number): Promise<void> {
    await this.#counter!.write(2 * number);
    this.#applied = number;
  }

  async #putInPlace(operations: readonly Operation[], onlyWhereDifferent = false): Promise<void> {
    const { files, directory } = this.#options;
    await atOnce(operations, async ({ path, content }) => {
      const file = `${directory}/${path}`;
      if (onlyWhereDifferent && (await files.read(file))?.toString() === (content ?? undefined)) return;
      this.#options.assertHeld();
      if (content === null) {
        await files.remove(file);
        return;
      }
      const temporary = this.#temporaryFile();
      await files.create(temporary, content);
      await files.rename(temporary, file);
    });
  }

  async #replay(): Promise<void> {
    const segments = await this.#all();
    const count = await this.#counter!.read();
    const last = segments.at(-1)?.number ?? 0;
    const whole = count !== undefined && count % 2 === 0 && count >= 2 * last - 2 && count <= 2 * last;
    const latest = new Map<string, Operation>();
    for (const { operations } of segments) for (const operation of operations) latest.set(operation.path, operation);
    // A process that was killed may not have come to flush its last segment: nothing goes in place that could be lost again.
    await this.#options.files.flushDirectory(this.#segments);
    // Other processes may be reading: a write that they do not know of yet must not show in parts.
    if (whole && count < 2 * last) await this.#counter!.write(2 * last - 1);
    await this.#putInPlace([...latest.values()], true);
    if (count !== 2 * last) await this.#counter!.write(2 * last);
    this.#applied = last;
    this.#sinceCheckpoint = { segments: segments.length, size: 0 };
  }

  /** The segments above the floor, in order. */
  async #all(): Promise<readonly Segment[]> {
    const segments: Segment[] = [];
    for (const number of await this.#numbers()) {
      const segment = await this.#segment(number);
      if (segment) segments.push(segment);
    }
    this.#floor = Math.max(0, ...segments.map(({ floor }) => floor));
    return segments.filter(({ number }) => number > this.#floor);
  }

  async #numbers(): Promise<readonly number[]> {
    const names = (await this.#options.files.list(this.#segments)).filter((name) => /^\d+\.jsonl$/.test(name));
    return names.map((name) => Number.parseInt(name, 10)).sort((a, b) => a - b);
  }

  async #segment(number: number): Promise<Segment | undefined> {
    const file = this.#fileOf(number);
    const content = await this.#options.files.read(file);
    return content && parseSegment(content, file);
  }

  async #read(): Promise<number> {
    const count = await this.#counter!.read();
    if (count !== undefined) return count;
    throw new StoreFault(
      `${this.#counterFile} is damaged. Close all that use the directory, and open it again.`,
      'none',
    );
  }

  #fileOf(number: number): string {
    return `${this.#segments}/${String(number).padStart(12, '0')}.jsonl`;
  }

  #temporaryFile(): string {
    return `${this.#options.directory}/tmp/${this.#options.token}-${this.#temporary++}`;
  }
}

const filesOf = ({ operations }: Segment): ReadonlyMap<string, string | null> =>
  new Map(operations.map(({ path, content }) => [path, content]));

/** All directories above the paths, the store's own included (''). */
function directoriesOf(paths: Iterable<string>): ReadonlySet<string> {
  const directories = new Set<string>(['']);
  for (const path of paths)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) directories.add(path.slice(0, at));
  return directories;
}

function textOf(segment: Segment): string {
  try {
    return formatSegment(segment);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ValidationError('A write is longer than the 512 MB that a text can have. Write less at once.', { cause });
  }
}
