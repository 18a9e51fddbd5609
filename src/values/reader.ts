import type { ValueCodec } from './codec.js';
import { inOrder, type Listed, readEntries } from './directory.js';
import type { ValueRow } from './entities.js';
import type { From, Storage } from './storage.js';
import type { UserWrites } from './user-writes.js';

/** What a reader is made of. */
export interface ReaderParts {
  readonly storage: Storage;
  readonly codec: ValueCodec;
  readonly writes: UserWrites;
  /** Whether there is but one store, and nothing in front of it. */
  readonly single: boolean;
}

// So many users are looked up at once.
const USERS_AT_ONCE = 100;
const DURABLE: From = { from: 'durable' };

/** Reads values and directories of users. */
export class Reader {
  readonly #storage: Storage;
  readonly #codec: ValueCodec;
  readonly #writes: UserWrites;
  readonly #single: boolean;
  #reading = 0;

  constructor({ storage, codec, writes, single }: ReaderParts) {
    this.#storage = storage;
    this.#codec = codec;
    this.#writes = writes;
    this.#single = single;
  }

  /** Reads that come together go out together, and one alone does not wait to see whether there are others. */
  get(user: string, key: string): Promise<unknown> {
    const { values } = this.#storage;
    const alone = this.#single && this.#reading === 0;
    this.#reading++;
    const found = alone ? values.find({ user, key }, DURABLE) : values.find({ user, key });
    return found.then(this.#found, this.#failed);
  }

  readonly #found = (row: ValueRow | undefined): unknown => {
    this.#reading--;
    return row && this.decode(row);
  };

  readonly #failed = (error: unknown): never => {
    this.#reading--;
    throw error;
  };

  async getMany(user: string, keys: readonly string[]): Promise<unknown[]> {
    const rows = await this.#storage.rows(user, keys);
    return rows.map((row) => row && this.decode(row));
  }

  has(user: string, key: string): Promise<boolean> {
    return this.#storage.values.exists({ user, key });
  }

  async keys(user: string): Promise<string[]> {
    const listed = await this.#listed(user);
    const ends = listed.filter((one) => one.ends).map(({ key }) => key);
    const present = await this.#storage.present(user, ends);
    const gone = new Set(ends.filter((_, at) => !present[at]));
    if (gone.size > 0) this.#forget(user, [...gone]);
    return listed.filter(({ key }) => !gone.has(key)).map(({ key }) => key);
  }

  async entries(user: string): Promise<[key: string, value: unknown][]> {
    const keys = (await this.#listed(user)).map(({ key }) => key);
    const rows = await this.#storage.rows(user, keys);
    return rows.flatMap((row, at) => (row ? [[keys[at]!, this.decode(row)] as [string, unknown]] : []));
  }

  /** All who have a value, in the order of the store. */
  async users(): Promise<string[]> {
    const users: string[] = [];
    let doubtful: string[] = [];
    const look = async () => {
      const keys = await Promise.all(doubtful.map((user) => this.keys(user)));
      users.push(...doubtful.filter((_, at) => keys[at]!.length > 0));
      doubtful = [];
    };
    for await (const { user, keys, pages } of this.#storage.directories()) {
      const certain = pages === 0 && [...readEntries(keys, user).values()].some(({ ends }) => !ends);
      if (!certain) doubtful.push(user);
      if (doubtful.length > 0 && (certain || doubtful.length >= USERS_AT_ONCE)) await look();
      if (certain) users.push(user);
    }
    await look();
    return users;
  }

  /** @throws CorruptEntryError */
  decode({ user, key, value, format }: ValueRow): unknown {
    return this.#codec.decode({ text: value, format }, () => JSON.stringify({ user, key }));
  }

  async #listed(user: string): Promise<Listed[]> {
    const { pages } = await this.#storage.directory(user, 'all');
    return inOrder([...pages.values()].flatMap(({ entries }) => [...entries.values()]));
  }

  /** Takes keys whose values have ended out of the directory, behind the caller's back. */
  #forget(user: string, keys: readonly string[]): void {
    const forgotten = this.#writes.write(user, {
      keys,
      durable: true,
      plan: (draft) => {
        for (const key of keys) if (draft.row(key) === undefined) draft.remove(key);
      },
    });
    // Should it not work, the next look finds them again.
    forgotten.catch(() => {});
  }
}
