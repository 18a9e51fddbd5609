import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it wrote to standard error. */
  readonly errors: string;
}

/** A process that runs TypeScript. */
export interface TsChild {
  readonly process: ChildProcess;
  /** The lines of its standard output, as they come. */
  readonly lines: readonly string[];
  /** Fulfilled at its first line that begins like this. @throws Error where it ends before */
  line(begin: string): Promise<string>;
  /** Ends it as `kill -9` does, and waits until it has ended. */
  kill(): Promise<Ended>;
  readonly ended: Promise<Ended>;
}

const loader = fileURLToPath(new URL('../../scripts/typescript.mjs', import.meta.url));

/** Runs a TypeScript file in a process of its own, with Node, its arguments and more environment. */
export function runTsChild(
  file: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): TsChild {
  const child = spawn(process.execPath, ['--import', loader, file, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  let over = false;
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    over = true;
    for (const look of waiting) look();
    return { code, signal, errors };
  });
  return {
    process: child,
    lines,
    line: (begin) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.find((line) => line.startsWith(begin));
          if (found === undefined && !over) return;
          waiting.delete(look);
          if (found === undefined) reject(new Error(`${file} ended without a line '${begin}'. ${errors}`));
          else resolve(found);
        };
        waiting.add(look);
        look();
      }),
    kill() {
      child.kill('SIGKILL');
      return ended;
    },
    ended,
  };
}
