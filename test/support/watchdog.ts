import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Looks after one process that must not outlive this one. */
export interface Watchdog {
  /** The process has ended: its id may soon be another's. */
  gone(): void;
  /** Removes the folder now; kills the process if it has not ended. */
  end(): void;
}

// A line says that the process has ended. The end of the input says that this process has, in whatever way.
const SCRIPT =
  'pid=$1; while read -r line; do pid=; done; [ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; [ -z "$2" ] || rm -rf "$2"';

/** Kills the process `pid` and removes `folder` when this process ends, even where it is killed. */
export function watch(pid: number, folder = ''): Watchdog {
  const shell = spawn('sh', ['-c', SCRIPT, 'watchdog', String(pid), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.unref();
  const stdin = shell.stdin as unknown as Socket;
  stdin.unref();
  stdin.on('error', () => undefined);
  return {
    gone: () => void stdin.write('gone\n'),
    end: () => void stdin.end(),
  };
}
