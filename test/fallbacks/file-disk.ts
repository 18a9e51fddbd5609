import type { Clock } from '../../src/core/clock.js';
import type { Counter, Files } from '../../src/fallbacks/file/files.js';
import type { Owners, Verdict } from '../../src/fallbacks/file/owner.js';

/** What a step of a process on a {@link Disk} does, by the name of the method of `Files` that takes it. */
export type Step = keyof Files | 'counter.read' | 'counter.write';

interface FileNode {
  content: Buffer;
  /** What a power cut leaves; `undefined` where nothing was flushed. */
  flushed: Buffer | undefined;
  touchedAt: number;
}

interface DirectoryNode {
  readonly names: Map<string, Node>;
  /** What each name stood for since the directory was last flushed, the flushed state first. */
  readonly unflushed: Map<string, (Node | undefined)[]>;
}

type Node = FileNode | DirectoryNode;

const isDirectory = (node: Node | undefined): node is DirectoryNode => node !== undefined && 'names' in node;

const newDirectory = (): DirectoryNode => ({ names: new Map(), unflushed: new Map() });

const fail = (code: string, path: string): never => {
  throw Object.assign(new Error(`${code}: ${path}`), { code, syscall: 'disk' });
};

/** A process that works on a {@link Disk}, and may end at one of its steps. */
export interface DiskProcess {
  readonly files: Files;
  readonly owners: Owners;
  readonly lockClock: Clock;
  readonly steps: readonly Step[];
  /** Fulfilled when the process has ended. */
  readonly ended: Promise<void>;
  /** Ends it now: nothing that it does from now on reaches the disk, or is answered. */
  kill(): void;
}

/** When a process ends, or fails: at so many steps (from 0), before or after the step was made. */
export interface Plan {
  readonly killAt?: number;
  readonly moment?: 'before' | 'after';
  /** Called before each step; what it throws is the step's error. */
  fault?(step: Step, path: string): void;
  /** Awaited before each step, so that processes take turns; left out, a microtask passes. */
  pace?(): Promise<void>;
}

/**
 * A disk in memory that knows what a power cut leaves of it: of each file that was not flushed the old content, the new, a
 * part of it or nothing; of each name in a directory that was not flushed any of the things that it stood for since. That is
 * less than any file system promises.
 */
export class Disk {
  readonly #beforeBoot: Verdict;
  #root = newDirectory();
  #processes: { readonly pid: number; kill(): void }[] = [];
  #running = new Set<number>();
  #boot = 0;
  #now = 0;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();
  #turning = false;
  readonly #clock: Clock = {
    now: () => this.#now,
    after: (ms, run) => {
      const timer = { at: this.#now + ms, run };
      this.#timers.add(timer);
      if (!this.#turning) setImmediate(() => this.#turn());
      this.#turning = true;
      return () => this.#timers.delete(timer);
    },
  };

  /** `beforeBoot` is what can be told of a process from before a power cut. */
  constructor({ beforeBoot = 'dead' }: { readonly beforeBoot?: Verdict } = {}) {
    this.#beforeBoot = beforeBoot;
  }

  process({ killAt = Number.POSITIVE_INFINITY, moment = 'before', fault, pace }: Plan = {}): DiskProcess {
    const pid = this.#processes.length;
    const steps: Step[] = [];
    let alive = true;
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const kill = () => {
      alive = false;
      this.#running.delete(pid);
      end();
    };
    this.#processes.push({ pid, kill });
    this.#running.add(pid);
    const forever = () => new Promise<never>(() => {});
    const step = async <T>(name: Step, path: string, run: () => T): Promise<T> => {
      await pace?.();
      if (!alive) return forever();
      const last = steps.length === killAt;
      steps.push(name);
      if (last && moment === 'before') {
        kill();
        return forever();
      }
      fault?.(name, path);
      const result = run();
      if (!last) return result;
      kill();
      return forever();
    };
    const boot = this.#boot;
    return {
      files: this.#files(step),
      owners: {
        self: () => ({ token: `p${pid}`, pid, place: `boot ${boot}`, started: '0' }),
        judge: (owner) => {
          if (owner.place !== `boot ${boot}`) return this.#beforeBoot;
          return this.#running.has(owner.pid) ? 'alive' : 'dead';
        },
      },
      lockClock: this.#clock,
      steps,
      ended,
      kill,
    };
  }

  /** Ends all processes, and leaves on the disk what a power cut may leave; `random` gives numbers from 0 to 1. */
  cutPower(random: () => number): void {
    for (const { kill } of this.#processes) kill();
    this.#boot++;
    const pick = <T>(among: readonly T[]): T => among[Math.floor(random() * among.length)]!;
    const left = (node: Node): Node => {
      if (!isDirectory(node)) {
        const { content, flushed = Buffer.alloc(0) } = node;
        const kept = flushed.equals(content)
          ? content
          : pick([
              flushed,
              content,
              Buffer.alloc(0),
              content.subarray(0, content.length >> 1),
              Buffer.alloc(content.length),
            ]);
        return { content: kept, flushed: kept, touchedAt: node.touchedAt };
      }
      const directory = newDirectory();
      for (const name of new Set([...node.names.keys(), ...node.unflushed.keys()])) {
        const states = node.unflushed.get(name);
        const chosen = states ? pick([...states, node.names.get(name)]) : node.names.get(name);
        if (chosen) directory.names.set(name, left(chosen));
      }
      return directory;
    };
    this.#root = left(this.#root) as DirectoryNode;
  }

  /** From now on processes that are started run somewhere else: the others cannot be judged from there, nor they from here. */
  moveOthersAway(): void {
    this.#boot++;
  }

  /** All files, in order. */
  paths(): string[] {
    const all: string[] = [];
    const walk = (directory: DirectoryNode, above: string) => {
      for (const [name, node] of directory.names)
        if (isDirectory(node)) walk(node, `${above}/${name}`);
        else all.push(`${above}/${name}`);
    };
    walk(this.#root, '');
    return all.sort();
  }

  content(path: string): string | undefined {
    const node = this.#find(path);
    return node && !isDirectory(node) ? node.content.toString() : undefined;
  }

  /** Time passes, to when the next timer is due, in a turn of the event loop in which most wait for one. */
  #turn(): void {
    const [first] = [...this.#timers].sort((a, b) => a.at - b.at);
    this.#turning = first !== undefined;
    if (!first) return;
    this.#timers.delete(first);
    this.#now = Math.max(this.#now, first.at);
    first.run();
    setImmediate(() => this.#turn());
  }

  #files(step: <T>(name: Step, path: string, run: () => T) => Promise<T>): Files {
    return {
      read: (file) =>
        step('read', file, () => {
          const node = this.#find(file);
          return node && !isDirectory(node) ? Buffer.from(node.content) : undefined;
        }),
      create: (file, content, { flush = false } = {}) =>
        step('create', file, () => {
          const node = this.#make(file);
          node.content = Buffer.from(content);
          node.touchedAt = this.#now;
          if (flush) node.flushed = node.content;
        }),
      rename: (from, to) =>
        step('rename', to, () => {
          const node = this.#find(from) ?? fail('ENOENT', from);
          this.#makeDirectory(parentOf(to));
          this.#set(from, undefined);
          this.#set(to, node);
        }),
      link: (from, to) =>
        step('link', to, () => {
          const node = this.#find(from) ?? fail('ENOENT', from);
          if (this.#find(to)) return false;
          this.#set(to, node);
          return true;
        }),
      remove: (file) =>
        step('remove', file, () => {
          if (!this.#find(file)) return false;
          this.#set(file, undefined);
          return true;
        }),
      list: (directory) =>
        step('list', directory, () => {
          const node = this.#find(directory);
          return isDirectory(node) ? [...node.names.keys()] : [];
        }),
      makeDirectory: (directory) =>
        step('makeDirectory', directory, () => {
          this.#makeDirectory(directory);
          for (let above = directory; above !== ''; above = parentOf(above)) this.#flushName(above);
        }),
      flush: (file) =>
        step('flush', file, () => {
          const node = this.#find(file);
          if (!node || isDirectory(node)) return false;
          node.flushed = node.content;
          return true;
        }),
      flushDirectory: (directory) =>
        step('flushDirectory', directory, () => {
          const node = this.#find(directory.replace(/\/$/, ''));
          if (!isDirectory(node)) return false;
          node.unflushed.clear();
          return true;
        }),
      touch: (file) =>
        step('touch', file, () => {
          const node = this.#find(file);
          if (!node || isDirectory(node)) return fail('ENOENT', file);
          node.touchedAt = this.#now;
        }),
      touchedAt: (file) =>
        step('touchedAt', file, () => {
          const node = this.#find(file);
          return isDirectory(node) ? 0 : node?.touchedAt;
        }),
      counter: (file) => step('counter', file, () => this.#counter(file, step)),
    };
  }

  #counter(file: string, step: <T>(name: Step, path: string, run: () => T) => Promise<T>): Counter {
    if (!this.#find(file)) this.#make(file).content = Buffer.from('0');
    const node = this.#find(file) as FileNode;
    return {
      read: () =>
        step('counter.read', file, () => {
          const text = node.content.toString();
          return /^\d+$/.test(text) ? Number(text) : undefined;
        }),
      write: (value) =>
        step('counter.write', file, () => {
          node.content = Buffer.from(String(value));
        }),
      close: async () => {},
    };
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const name of path.split('/').slice(1)) node = isDirectory(node) ? node.names.get(name) : undefined;
    return node;
  }

  #make(file: string): FileNode {
    const there = this.#find(file);
    if (there && !isDirectory(there)) {
      there.flushed ??= Buffer.alloc(0);
      return there;
    }
    this.#makeDirectory(parentOf(file));
    const node: FileNode = { content: Buffer.alloc(0), flushed: undefined, touchedAt: this.#now };
    this.#set(file, node);
    return node;
  }

  #makeDirectory(path: string): void {
    if (path === '' || isDirectory(this.#find(path))) return;
    this.#makeDirectory(parentOf(path));
    this.#set(path, newDirectory());
  }

  #set(path: string, node: Node | undefined): void {
    const directory = this.#directoryOf(path);
    const name = nameOf(path);
    const states = directory.unflushed.get(name);
    const before = directory.names.get(name);
    if (states) states.push(before);
    else directory.unflushed.set(name, [before]);
    if (node) directory.names.set(name, node);
    else directory.names.delete(name);
  }

  #flushName(path: string): void {
    this.#directoryOf(path).unflushed.delete(nameOf(path));
  }

  #directoryOf(path: string): DirectoryNode {
    const node = this.#find(parentOf(path));
    return isDirectory(node) ? node : fail('ENOENT', path);
  }
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
