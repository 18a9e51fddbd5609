import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Edit, editedTexts } from './mutation.js';

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
    const read = (file: string) => readFileSync(join(this.folder, file), 'utf8');
    const texts = editedTexts(edits, read);
    const originals = new Map([...texts.keys()].map((file) => [file, read(file)]));
    const write = (all: ReadonlyMap<string, string>) => {
      for (const [file, text] of all) writeFileSync(join(this.folder, file), text);
    };
    try {
      write(texts);
      return await work();
    } finally {
      write(originals);
    }
  }

  remove(): void {
    process.off('exit', this.#tidy);
    this.#tidy();
  }
}
