import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.js';
import { watch } from './watchdog.js';

/** What {@link startServer} starts. */
export interface ServerOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Its working directory. */
  readonly dir: string;
  /** `dir` is removed by `stop()`, and when this process ends. */
  readonly temporary: boolean;
  /** Runs as this user; left out: as the user of this process. */
  readonly user?: SystemUser | undefined;
  /** Asks it for an orderly end; SIGTERM by default. */
  readonly stopSignal?: NodeJS.Signals;
  /** Whether it answers. */
  ready(): Promise<boolean>;
}

/** A server that never outlives this process. */
export interface ServerProcess {
  readonly pid: number;
  /** Ends it in an orderly way. */
  stop(): Promise<void>;
  /** Kills it with SIGKILL; its folder stays, so that it can be started on it again. */
  kill(): Promise<void>;
  /** Stops it from running (SIGSTOP): connections stay open and are not answered. */
  pause(): void;
  /** Lets a paused one run on. */
  resume(): void;
}

/** Starts a server and waits until it is ready. @throws Error with the last of its output, where it ends or is not ready in time. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const { command, dir } = options;
  const child = spawn(command, options.args, { ...options.user, cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = collect(child);
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const { pid } = child;
  if (pid === undefined) {
    await exited;
    if (options.temporary) await rm(dir, { recursive: true, force: true });
    throw new Error(`${command} could not be started: ${output()}`);
  }
  const watchdog = watch(pid, options.temporary ? dir : '');
  void exited.then(() => watchdog.gone());
  const running = () => child.exitCode === null && child.signalCode === null;
  const signal = (name: NodeJS.Signals) => void (running() && child.kill(name));
  const stop = async () => {
    child.ref();
    signal('SIGCONT');
    signal(options.stopSignal ?? 'SIGTERM');
    const late = setTimeout(signal, 5000, 'SIGKILL');
    await exited;
    clearTimeout(late);
    if (options.temporary) await rm(dir, { recursive: true, force: true });
    watchdog.end();
  };
  try {
    await until(`${command} answers`, async () => !running() || (await options.ready()));
    if (!running()) throw new Error(`${command} ended at once:\n${output()}`);
  } catch (error) {
    await stop();
    throw error;
  }
  // While it runs it does not keep this process from ending; what waits for its end does.
  child.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as Socket).unref();
  return {
    pid,
    stop,
    async kill() {
      child.ref();
      signal('SIGKILL');
      await exited;
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
  };
}

/** The last of what the process wrote. */
function collect(child: ChildProcess): () => string {
  let text = '';
  const add = (chunk: unknown) => {
    text = (text + String(chunk)).slice(-2000);
  };
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', add);
  child.on('error', add);
  return () => text;
}

/** A user of this machine, by its ids. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** Whom a server that refuses to run as root runs as: `preferred`, or `nobody`; `undefined` where this process is not root's. */
export function userFor(preferred: string): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of [preferred, 'nobody']) {
    try {
      const id = (option: string) =>
        Number(execFileSync('id', [option, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // No such user: the next one.
    }
  }
  throw new Error(
    `this machine has neither a user '${preferred}' nor 'nobody'; run the tests as a user other than root`,
  );
}

/** A temporary folder of `user`, after `fill` has put into it what it needs; removed where that fails. */
export async function temporaryFolder(
  name: string,
  user?: SystemUser,
  fill?: (dir: string) => Promise<unknown>,
): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `holdfast-${name}-`));
  try {
    if (user) await chown(dir, user.uid, user.gid);
    await fill?.(dir);
    return dir;
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}
