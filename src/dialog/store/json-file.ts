import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CorruptEntryError, StoreUnavailableError } from '../../index.js';

/** One JSON object in a file, which is replaced whole: whoever reads it reads all of one time. */
export class JsonFile {
  readonly path: string;
  #seen: string | undefined;
  #data: Map<string, unknown> = new Map();
  #since: number | undefined;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /** What is in it, by name; nothing where there is no file. What is returned is not to be changed. @throws StoreUnavailableError; CorruptEntryError */
  async read(): Promise<ReadonlyMap<string, unknown>> {
    return this.#guarded('Reading', async () => {
      const seen = await this.#stamp();
      if (seen !== this.#seen) {
        this.#data = seen === undefined ? new Map() : this.#parsed(await readFile(this.path, 'utf8'));
        this.#seen = seen;
      }
      return this.#data;
    });
  }

  /** Replaces it, or fails and leaves it as it was. */
  async write(data: ReadonlyMap<string, unknown>): Promise<void> {
    await this.#guarded('Writing', async () => {
      const text = `{${[...data].map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(', ')}}`;
      await mkdir(dirname(this.path), { recursive: true });
      const draft = `${this.path}.${randomUUID()}.tmp`;
      try {
        const file = await open(draft, 'wx');
        try {
          await file.writeFile(text);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(draft, this.path);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
      await syncDirectory(dirname(this.path));
      this.#data = new Map(data);
      this.#seen = await this.#stamp();
    });
  }

  async #stamp(): Promise<string | undefined> {
    try {
      const { ino, size, mtimeNs } = await stat(this.path, { bigint: true });
      return size === 0n ? undefined : `${ino} ${size} ${mtimeNs}`;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  #parsed(text: string): Map<string, unknown> {
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch (cause) {
      throw new CorruptEntryError('Context', this.path, 'the file is no JSON', { cause });
    }
    if (typeof data !== 'object' || data === null || Array.isArray(data))
      throw new CorruptEntryError('Context', this.path, 'the file holds no object of contexts by user');
    return new Map(Object.entries(data));
  }

  async #guarded<T>(doing: string, use: () => Promise<T>): Promise<T> {
    try {
      const result = await use();
      this.#since = undefined;
      return result;
    } catch (cause) {
      if (cause instanceof CorruptEntryError) throw cause;
      this.#since ??= Date.now();
      throw new StoreUnavailableError(`${doing} ${this.path}`, [{ tier: 'json', since: this.#since, cause }]);
    }
  }
}

// Without it the new name of the file may be lost with the power; not every system can.
async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EINVAL', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
