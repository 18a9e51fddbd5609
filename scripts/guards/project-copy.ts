import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Edit, edited } from './mutation.js';

/** The project's folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

const LEFT_OUT = new Set(['node_modules', '.git', 'dist']);

/** A copy of the project in a temporary folder, in which edits may be made. */
export class ProjectCopy {
  readonly folder = mkdtempSync(join(tmpdir(), 'holdfast-guards-'));

  readonly #tidy = () => rmSync(this.folder, { recursive: true, force: true });

  constructor() {
    process.once('exit', this.#tidy);
    cpSync(root, this.folder, { recursive: true, filter: (path) => !LEFT_OUT.has(relative(root, path)) });
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
  }

  /** Gives what `work` gives, done while the edits are made. */
  async with<T>(edits: readonly Edit[], work: () => Promise<T>): Promise<T> {
    const originals = new Map<string, string>();
    try {
      for (const edit of edits) {
        const path = join(this.folder, edit.file);
        const text = readFileSync(path, 'utf8');
        if (!originals.has(path)) originals.set(path, text);
        writeFileSync(path, edited(text, edit));
      }
      return await work();
    } finally {
      for (const [path, text] of originals) writeFileSync(path, text);
    }
  }

  remove(): void {
    process.off('exit', this.#tidy);
    this.#tidy();
  }
}
