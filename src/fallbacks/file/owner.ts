import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Who holds, or wants, the lock: one opened driver. */
export interface Owner {
  /** Never used again. */
  readonly token: string;
  readonly pid: number;
  /** Where process ids mean the same processes. */
  readonly place: string;
  /** When the process was started, in a unit of its place's own; `undefined` where that cannot be known. */
  readonly started?: string | undefined;
}

/** `unsure` where only the signs of life that an owner gives can tell. */
export type Verdict = 'alive' | 'dead' | 'unsure';

/** Names this process, and judges others. */
export interface Owners {
  self(): Owner;
  judge(owner: Owner): Verdict;
}

/** State and start of a process, as Linux tells them; `undefined` where it does not. */
function statusOf(pid: number | 'self'): { readonly state: string; readonly started: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before may itself hold blanks and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0]!, started: fields[19]! };
  } catch {
    return undefined;
  }
}

/** Process ids hold good within one boot and one pid namespace; elsewhere than on Linux, within one host. */
function placeOf(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** The processes of the machine. */
export const systemOwners: Owners = {
  self: () => ({ token: randomUUID(), pid: process.pid, place: placeOf(), started: statusOf('self')?.started }),
  judge(owner) {
    if (owner.place !== placeOf()) return 'unsure';
    if (!runs(owner.pid)) return 'dead';
    const status = statusOf(owner.pid);
    if (status === undefined || owner.started === undefined) return 'unsure';
    // Killed, and only waiting for its parent to notice; or another process under a number used again.
    return status.state === 'Z' || status.state === 'X' || status.started !== owner.started ? 'dead' : 'alive';
  },
};
