import type { DirectoryState } from './directory-draft.js';

const sizeOf = (directory: DirectoryState): number => 100 + (directory.pages.get(0)?.text?.length ?? 0);

/** Directories as they were when they were last written from here: guesses, which the next write compares. The oldest go first. */
export class DirectoryGuesses {
  readonly #most: number;
  readonly #directories = new Map<string, DirectoryState>();
  #size = 0;

  /** `most`: characters of all directories together. */
  constructor(most: number) {
    this.#most = most;
  }

  get(user: string): DirectoryState | undefined {
    return this.#directories.get(user);
  }

  set(user: string, directory: DirectoryState): void {
    this.delete(user);
    this.#directories.set(user, directory);
    this.#size += sizeOf(directory);
    for (const oldest of this.#directories.keys()) {
      if (this.#size <= this.#most) return;
      this.delete(oldest);
    }
  }

  delete(user: string): void {
    const directory = this.#directories.get(user);
    if (!directory) return;
    this.#directories.delete(user);
    this.#size -= sizeOf(directory);
  }
}
