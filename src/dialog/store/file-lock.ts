import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { StoreUnavailableError } from '../../index.js';

/** A lock that nobody renewed for so long, in milliseconds, was left behind. Nothing is done under it that takes as long. */
const LEFT_BEHIND = 10_000;
const TRY_EVERY = 5;
const PATIENCE = 30_000;

interface Owner {
  readonly token: string;
  readonly pid: number;
  readonly host: string;
}

/** Runs `use` while no other process does; calls of one process take turns. */
export class FileLock {
  readonly #path: string;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws StoreUnavailableError after half a minute of waiting */
  hold<T>(use: (stillHeld: () => Promise<boolean>) => Promise<T>): Promise<T> {
    const run = async () => {
      const token = randomUUID();
      await this.#acquire(token);
      try {
        return await use(async () => (await this.#owner())?.token === token);
      } finally {
        if ((await this.#owner())?.token === token) await rm(this.#path, { force: true });
      }
    };
    const turn = this.#turn.then(run, run);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #acquire(token: string): Promise<void> {
    const since = Date.now();
    while (!(await this.#take(token))) {
      await this.#removeLeftBehind();
      if (Date.now() - since > PATIENCE)
        throw new StoreUnavailableError(`Locking ${this.#path}`, [
          { tier: 'json', since, cause: new Error(`another process has held ${this.#path} for ${PATIENCE} ms`) },
        ]);
      await new Promise<void>((resolve) => setTimeout(resolve, TRY_EVERY));
    }
  }

  async #take(token: string): Promise<boolean> {
    const owner: Owner = { token, pid: process.pid, host: hostname() };
    try {
      const file = await open(this.#path, 'wx');
      try {
        await file.writeFile(JSON.stringify(owner));
      } finally {
        await file.close();
      }
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  #owner(): Promise<Owner | undefined> {
    return ownerIn(this.#path);
  }

  async #removeLeftBehind(): Promise<void> {
    const owner = await this.#owner();
    if (!(await this.#isLeftBehind(owner))) return;
    const aside = `${this.#path}.${randomUUID()}`;
    try {
      // Only one of those who see that it was left behind gets it.
      await rename(this.#path, aside);
      // It may be another's, who has taken it meanwhile: he gets it back. Should a third have it by now, he finds that out before he writes.
      if ((await ownerIn(aside))?.token !== owner?.token) await link(aside, this.#path);
    } catch {
      // Others were quicker.
    }
    await rm(aside, { force: true });
  }

  async #isLeftBehind(owner: Owner | undefined): Promise<boolean> {
    if (owner?.host === hostname() && !isAlive(owner.pid)) return true;
    try {
      return Date.now() - (await stat(this.#path)).mtimeMs > LEFT_BEHIND;
    } catch {
      return false;
    }
  }
}

async function ownerIn(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
