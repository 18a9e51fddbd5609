import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Slots } from './slots.js';

/** A number in a file, which is overwritten in place. */
export interface Counter {
  /** `undefined` where what is stored is no number. */
  read(): Promise<number | undefined>;
  write(value: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * What the file store asks of a file system; tests give one that fails, stops or forgets. Paths are absolute. "Flushed"
 * means that it survives a power cut.
 */
export interface Files {
  /** The whole content; `undefined` where there is no such file. */
  read(file: string): Promise<Buffer | undefined>;
  /** Makes or replaces a file, and the directories that are missing above it. */
  create(file: string, content: string, options?: { readonly flush?: boolean }): Promise<void>;
  /** Atomic; replaces what is there, and makes the directories that are missing above it. */
  rename(from: string, to: string): Promise<void>;
  /** A second name for a file, made atomically; `false` where that name is taken. */
  link(from: string, to: string): Promise<boolean>;
  /** `false` where there was none. */
  remove(file: string): Promise<boolean>;
  /** Names in a directory, in any order; empty where there is no such directory. */
  list(directory: string): Promise<string[]>;
  /** Makes the directory, and those that are missing above it, flushed. */
  makeDirectory(directory: string): Promise<void>;
  /** Flushes a file's content; `false` where there is no such file. */
  flush(file: string): Promise<boolean>;
  /** Flushes the names in a directory; `false` where there is no such directory. */
  flushDirectory(directory: string): Promise<boolean>;
  /** Sets the time of the last change to now. */
  touch(file: string): Promise<void>;
  /** The time of the last change, in milliseconds; `undefined` where there is no such file. */
  touchedAt(file: string): Promise<number | undefined>;
  /** Opens the counter, which is made at 0 where it is missing. */
  counter(file: string): Promise<Counter>;
}

const open = promisify(fs.open);
const close = promisify(fs.close);
const write = promisify(fs.write);
const read = promisify(fs.read);
const fstat = promisify(fs.fstat);
const fsync = promisify(fs.fsync);
const stat = promisify(fs.stat);
const rename = promisify(fs.rename);
const link = promisify(fs.link);
const unlink = promisify(fs.unlink);
const readdir = promisify(fs.readdir);
const mkdir = promisify(fs.mkdir);
const utimes = promisify(fs.utimes);

/** Bytes that are asked for at once: most entries fit, and are read without asking for their size first. */
const PAGE = 16 * 1024;
const DIGITS = 16;

/** How many files may be open at once, far below what a process is usually allowed. */
const slots = new Slots(64);

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** `missing` where the call failed because the file is not there. */
async function unlessMissing<T, M>(missing: M, call: Promise<T>): Promise<T | M> {
  try {
    return await call;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return missing;
    throw error;
  }
}

/** Runs `call`; where it fails for want of the directory of `file`, once more with the directory. */
async function withDirectory<T>(file: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await mkdir(path.dirname(file), { recursive: true });
    return await call();
  }
}

async function readOpen(fd: number): Promise<Buffer> {
  const page = Buffer.allocUnsafe(PAGE);
  const { bytesRead: first } = await read(fd, page, 0, PAGE, 0);
  if (first < PAGE) return page.subarray(0, first);
  const { size } = await fstat(fd);
  const whole = Buffer.alloc(size);
  let at = page.copy(whole);
  while (at < size) {
    const { bytesRead } = await read(fd, whole, at, size - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return whole.subarray(0, at);
}

async function writeOpen(fd: number, content: Buffer): Promise<void> {
  for (let at = 0; at < content.length; ) at += (await write(fd, content, at, content.length - at, at)).bytesWritten;
}

/** Runs `use` on the opened file, and closes it. */
function opened<T>(file: string, flags: string, use: (fd: number) => Promise<T>): Promise<T> {
  return slots.run(async () => {
    const fd = await open(file, flags);
    try {
      return await use(fd);
    } finally {
      await close(fd);
    }
  });
}

/** What a file holds; it is closed while the caller goes on. */
function readWhole(file: string): Promise<Buffer> {
  return slots.run(async () => {
    const fd = await open(file, 'r');
    try {
      return await readOpen(fd);
    } finally {
      fs.close(fd, () => {});
    }
  });
}

/** Windows and some network file systems cannot flush a directory; there, a name is as safe as the file system makes it. */
const CANNOT_FLUSH = new Set(['EPERM', 'EISDIR', 'EINVAL', 'ENOTSUP', 'EACCES']);

/** The files of the machine. */
export const systemFiles: Files = {
  read: (file) => unlessMissing(undefined, readWhole(file)),
  create: (file, content, { flush = false } = {}) =>
    withDirectory(file, () =>
      opened(file, 'w', async (fd) => {
        await writeOpen(fd, Buffer.from(content));
        if (flush) await fsync(fd);
      }),
    ),
  rename: (from, to) => withDirectory(to, () => rename(from, to)),
  async link(from, to) {
    try {
      await link(from, to);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
  },
  remove: (file) =>
    unlessMissing(
      false,
      unlink(file).then(() => true),
    ),
  list: (directory) => unlessMissing([], readdir(directory)),
  async makeDirectory(directory) {
    const first = await mkdir(directory, { recursive: true });
    if (first === undefined) return;
    for (let made = directory; made.length >= first.length; made = path.dirname(made))
      await this.flushDirectory(path.dirname(made));
  },
  flush: (file) =>
    unlessMissing(
      false,
      opened(file, 'r+', async (fd) => {
        await fsync(fd);
        return true;
      }),
    ),
  async flushDirectory(directory) {
    try {
      return await unlessMissing(
        false,
        opened(directory, 'r', async (fd) => {
          await fsync(fd);
          return true;
        }),
      );
    } catch (error) {
      if (process.platform === 'win32' && CANNOT_FLUSH.has(codeOf(error)!)) return true;
      if (codeOf(error) === 'EINVAL' || codeOf(error) === 'ENOTSUP') return true;
      throw error;
    }
  },
  touch: (file) => {
    const now = new Date();
    return utimes(file, now, now);
  },
  touchedAt: async (file) => (await unlessMissing(undefined, stat(file)))?.mtimeMs,
  async counter(file) {
    if ((await this.touchedAt(file)) === undefined) await this.create(file, digits(0));
    const fd = await open(file, 'r+');
    return {
      async read() {
        const page = Buffer.alloc(DIGITS);
        await read(fd, page, 0, DIGITS, 0);
        const text = page.toString('latin1');
        return /^\d+$/.test(text) ? Number(text) : undefined;
      },
      write: (value) => writeOpen(fd, Buffer.from(digits(value))),
      close: () => close(fd),
    };
  },
};

const digits = (value: number): string => String(value).padStart(DIGITS, '0');
