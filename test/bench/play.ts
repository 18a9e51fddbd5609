import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a program ended, and what it wrote. */
export interface Played {
  readonly code: number;
  readonly output: string;
  /** Without the lines that tell whoever waits on a slow machine how far it is. */
  readonly errors: string;
}

const HOW_FAR = /^[^\n]+: [\d,]+ of [\d,]+\n/gm;

/** Runs the demo as `npm run demo` does. */
export const play = (...args: readonly string[]): Promise<Played> => run('bench/demo.ts', ...args);

/** Runs a module given as text, which can import ours from the root of the project. */
export const runModule = (source: string): Promise<Played> => run('--input-type=module', '--eval', source);

function run(...args: readonly string[]): Promise<Played> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { NODE_OPTIONS: _, ...env } = process.env;
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      ['--import', './scripts/typescript.mjs', ...args],
      { cwd: root, env },
      (error, output, errors) => {
        const code = error ? error.code : 0;
        if (typeof code === 'number') resolve({ code, output, errors: errors.replaceAll(HOW_FAR, '') });
        else reject(error);
      },
    );
  });
}

/** The row of the table that begins with `name`, cell by cell. */
export function row(output: string, name: string): string[] {
  const line = output.split('\n').find((text) => text.startsWith(`${name}  `));
  if (line === undefined) throw new Error(`there is no row ${name} in:\n${output}`);
  return line
    .slice(name.length)
    .trim()
    .split(/\s{2,}/);
}
