import { type Clock, StoreUnavailableError, VersionConflictError } from '../../index.js';
import { userKey } from '../user-key.js';
import type { Backend, ContextWrite, Head, Stored, User } from './backend.js';
import { FileLock } from './file-lock.js';
import { documentOf, entryOf, type FileContext, type FileEntry, usersOf } from './json-document.js';
import { JsonFile } from './json-file.js';
import { emptyQueue, type TicketQueue } from './ticket-queue.js';
import { TurnExpiredError } from './turn-error.js';
import { readItem, storedItem } from './turn-item.js';

/** What a {@link JsonFileBackend} is made of. */
export interface JsonFileBackendParts {
  readonly path: string;
  readonly clock: Clock;
  /** In milliseconds. */
  readonly ttl: number | undefined;
}

/** Contexts in one JSON file, as the Python connector writes it: user to context. It is written whole at each save. */
export class JsonFileBackend implements Backend {
  readonly #parts: JsonFileBackendParts;
  readonly #contexts: JsonFile;
  /** Beside it, so that the file of contexts has nothing but contexts. */
  readonly #queues: JsonFile;
  readonly #lock: FileLock;

  constructor(parts: JsonFileBackendParts) {
    this.#parts = parts;
    this.#contexts = new JsonFile(parts.path);
    this.#queues = new JsonFile(`${parts.path}.queues`);
    this.#lock = new FileLock(`${this.#contexts.path}.lock`);
  }

  async load(key: string, window: number): Promise<Stored | undefined> {
    const entry = await this.#entry(key);
    return entry && { head: entry.head, items: stored(entry).slice(-window) };
  }

  async items(key: string, start: number, stop?: number): Promise<readonly string[]> {
    const entry = await this.#entry(key);
    return entry ? stored(entry).slice(start, stop === undefined ? undefined : stop + 1) : [];
  }

  async write({ key, head, turns, queue }: ContextWrite): Promise<Head> {
    return this.#lock.hold(async (stillHeld) => {
      const queues = new Map(await this.#queues.read());
      if (queue) {
        const tickets = structuredClone(queues.get(key)) as TicketQueue | undefined;
        if (!tickets)
          throw new TurnExpiredError(head.user, 'was not waited for any more, because the user was deleted');
        queue(tickets);
        queues.set(key, tickets);
      }
      const contexts = await this.#contexts.read();
      const before = this.#of(contexts, key);
      if ((before?.head.version ?? 0) !== head.version - 1)
        throw new VersionConflictError('Context', head.user, head.version - 1);
      const { ttl, clock } = this.#parts;
      const entry = {
        head,
        items: itemsAfter(before, turns),
        until: ttl === undefined ? undefined : clock.now() + ttl,
      };
      const after = this.#living(contexts);
      for (const user of usersOf(after, key)) after.delete(user);
      after.set(head.user, documentOf(entry));
      if (!(await stillHeld()))
        throw new StoreUnavailableError(`Writing ${this.#contexts.path}`, [
          {
            tier: 'json',
            since: clock.now(),
            cause: new Error('others took the lock: this process stood still for too long'),
          },
        ]);
      await this.#contexts.write(after);
      if (queue) await this.#queues.write(queues);
      return head;
    });
  }

  async remove(keys: readonly string[]): Promise<void> {
    await this.#lock.hold(async () => {
      const [contexts, queues] = [this.#living(await this.#contexts.read()), new Map(await this.#queues.read())];
      const gone = contexts.size + queues.size;
      for (const key of keys) {
        for (const user of usersOf(contexts, key)) contexts.delete(user);
        queues.delete(key);
      }
      if (contexts.size + queues.size === gone) return;
      await this.#contexts.write(contexts);
      await this.#queues.write(queues);
    });
  }

  async exists(key: string): Promise<boolean> {
    return (await this.#entry(key)) !== undefined;
  }

  async count(): Promise<number> {
    return this.#living(await this.#contexts.read()).size;
  }

  async *users(): AsyncIterable<User> {
    for (const user of this.#living(await this.#contexts.read()).keys()) yield { key: userKey(user), user };
  }

  async *queues(): AsyncIterable<string> {
    yield* (await this.#queues.read()).keys();
  }

  async queue(key: string): Promise<TicketQueue | undefined> {
    return structuredClone((await this.#queues.read()).get(key)) as TicketQueue | undefined;
  }

  changeQueue(key: string, change: (queue: TicketQueue) => void): Promise<TicketQueue> {
    return this.#lock.hold(async () => {
      const queues = new Map(await this.#queues.read());
      const queue = (structuredClone(queues.get(key)) as TicketQueue | undefined) ?? emptyQueue();
      change(queue);
      await this.#queues.write(queues.set(key, queue));
      return queue;
    });
  }

  async close(): Promise<void> {
    // Whatever is under way comes to its end first.
    await this.#lock.hold(async () => {});
  }

  async #entry(key: string): Promise<FileEntry | undefined> {
    return this.#of(await this.#contexts.read(), key);
  }

  #of(contexts: ReadonlyMap<string, unknown>, key: string): FileEntry | undefined {
    const [user] = usersOf(contexts, key);
    if (user === undefined) return undefined;
    const entry = entryOf(
      user,
      contexts.get(user) as FileContext,
      this.#parts.ttl === undefined ? null : Number.MAX_SAFE_INTEGER,
    );
    return entry.until !== undefined && entry.until <= this.#parts.clock.now() ? undefined : entry;
  }

  #living(contexts: ReadonlyMap<string, unknown>): Map<string, unknown> {
    const now = this.#parts.clock.now();
    return new Map(
      [...contexts].filter(
        ([, document]) => ((document as FileContext | null)?.holdfast?.until ?? Number.POSITIVE_INFINITY) > now,
      ),
    );
  }
}

const stored = ({ head, items }: FileEntry): string[] => items.map((item) => storedItem(item, head.version));

function itemsAfter(before: FileEntry | undefined, turns: ContextWrite['turns']): FileEntry['items'] {
  const items = before?.items ?? [];
  if (!turns) return items;
  const put = ('all' in turns ? turns.all : turns.push).map((item) => readItem(item, ''));
  return 'all' in turns ? put : [...items.slice(0, items.length - turns.drop), ...put];
}
