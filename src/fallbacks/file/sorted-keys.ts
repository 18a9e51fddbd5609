import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compareKeys } from '../../core/key-order.js';
import { jsonToPlain, type Plain, plainToJson } from '../../core/plain.js';
import type { Key, Schema } from '../../core/schema.js';

/** Keys, and characters of them, that are sorted in memory; more than that goes through temporary files. */
const RUN_KEYS = 50_000;
const RUN_SIZE = 8 * 1024 * 1024;
/** Keys that are handed out at once. */
const SLICE = 64;

/** The keys in their order, some at a time, in bounded memory however many there are. */
export async function* sortedKeys(
  schema: Schema,
  keys: AsyncIterable<Key>,
  { runKeys = RUN_KEYS, within = tmpdir() }: { readonly runKeys?: number; readonly within?: string } = {},
): AsyncIterable<readonly Key[]> {
  let run: Key[] = [];
  let size = 0;
  let directory: string | undefined;
  const files: string[] = [];
  try {
    for await (const key of keys) {
      run.push(key);
      size += key.id.length;
      if (run.length < runKeys && size < RUN_SIZE) continue;
      directory ??= await mkdtemp(path.join(within, 'holdfast-scan-'));
      files.push(await writeRun(schema, run.sort(compareKeys), path.join(directory, String(files.length))));
      run = [];
      size = 0;
    }
    run.sort(compareKeys);
    yield* atOnceOf(merged([...files.map((file) => readRun(schema, file)), each(run)]));
  } finally {
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  }
}

async function writeRun(schema: Schema, keys: readonly Key[], file: string): Promise<string> {
  const stream = createWriteStream(file);
  for (const { id, parts } of keys) {
    const stored = parts.map((part, at) => plainToJson(schema.keys[at]!.storage, part));
    if (!stream.write(`${JSON.stringify([id, ...stored])}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
  return file;
}

async function* readRun(schema: Schema, file: string): AsyncGenerator<Key> {
  for await (const line of linesOf(file)) {
    const [id, ...stored] = JSON.parse(line) as [string, ...unknown[]];
    const parts = stored.map((part, at) => jsonToPlain(schema.keys[at]!.storage, part) as Exclude<Plain, null>);
    yield { id, parts };
  }
}

// Not readline, which takes U+2028 in a key for the end of a line.
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = (rest + (chunk as string)).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** Sorted runs as one. */
async function* merged(runs: readonly AsyncGenerator<Key>[]): AsyncGenerator<Key> {
  const heads: { key: Key; readonly run: AsyncGenerator<Key> }[] = [];
  try {
    for (const run of runs) {
      const { value, done } = await run.next();
      if (!done) heads.push({ key: value, run });
    }
    while (heads.length > 0) {
      let first = 0;
      for (let at = 1; at < heads.length; at++) if (compareKeys(heads[at]!.key, heads[first]!.key) < 0) first = at;
      const head = heads[first]!;
      yield head.key;
      const { value, done } = await head.run.next();
      if (done) heads.splice(first, 1);
      else head.key = value;
    }
  } finally {
    for (const { run } of heads) await run.return(undefined);
  }
}

async function* atOnceOf(keys: AsyncIterable<Key>): AsyncGenerator<readonly Key[]> {
  let slice: Key[] = [];
  for await (const key of keys) {
    slice.push(key);
    if (slice.length < SLICE) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}
