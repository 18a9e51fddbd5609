import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A sample that runs as a process of its own. */
export interface SampleProcess {
  /** The rest of its story: what it printed, and its exit code (`null` where a signal ended it). */
  readonly ended: Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number | null }>;
  kill(signal: NodeJS.Signals): void;
}

const runner = fileURLToPath(new URL('../../scripts/typescript.mjs', import.meta.url));

// What samples look at: they must say what they say without the servers of this machine.
const ASKED = ['PORT', 'REDIS_URL', 'DATABASE_URL', 'DATASTORE_URL', 'CONTEXTS'];

/** Starts a sample, with `env` added to what this process has, its servers left out. */
export function startSample(file: string, env: Readonly<Record<string, string>>): SampleProcess {
  const inherited = Object.entries(process.env).filter(([name]) => !ASKED.includes(name) && name !== 'NODE_OPTIONS');
  const child = spawn(process.execPath, ['--import', runner, file], {
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // One that never ends is a failure, not a process left behind.
    timeout: 90_000,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ stdout, stderr, code: code as number | null }));
  return { ended, kill: (signal) => child.kill(signal) };
}
