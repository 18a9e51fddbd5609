import { readFile, rename, rm, writeFile } from 'node:fs/promises';

/** The restart point of an import, in a file. */
export interface Checkpoint {
  read(): Promise<string | undefined>;
  write(last: string): Promise<void>;
  remove(): Promise<void>;
}

/** A restart point in a file, which is there only while an import is not complete; in none without a path. */
export function checkpointIn(path: string | undefined): Checkpoint {
  if (path === undefined) return { read: async () => undefined, write: async () => {}, remove: async () => {} };
  return {
    async read() {
      try {
        return (JSON.parse(await readFile(path, 'utf8')) as { after: string }).after;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async write(last) {
      await writeFile(`${path}.tmp`, JSON.stringify({ after: last }));
      await rename(`${path}.tmp`, path);
    },
    remove: () => rm(path, { force: true }),
  };
}
