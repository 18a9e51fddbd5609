import { hostname } from 'node:os';

const PREFIX = `holdfast_test_${hostname()
  .toLowerCase()
  .replace(/[^a-z0-9]/g, '')
  .slice(0, 20)}_`;

/** The name of what this run makes on a server that is not its own: a database, the prefix of its keys. */
export const runName = (): string => `${PREFIX}${process.pid}_${Math.random().toString(36).slice(2, 8)}`;

/** Whether a run of this machine made what has this name, and was killed before it could remove it. */
export function isLeftBehind(name: string): boolean {
  if (!name.startsWith(PREFIX)) return false;
  const pid = Number.parseInt(name.slice(PREFIX.length), 10);
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
