import { access } from 'node:fs/promises';
import { HoldfastError, ValidationError, VersionConflictError } from '../../index.js';
import { Context } from '../context.js';
import { baseOf } from '../store/entities.js';
import { type ContextStore, type ContextStoreOptions, contextStore } from '../store/open-store.js';
import { placeOf } from '../store/place.js';
import { checkpointIn } from './checkpoint.js';
import { type ImportProgress, progressBar } from './progress-bar.js';
import { pythonTable } from './python-table.js';
import type { ContextSource, SourceEntry } from './source.js';
import { storeSource } from './store-source.js';

/** What `importContexts` takes. */
export interface ImportOptions {
  /** Of the Python connector's table, or of the store at a URL. Default `'contexts'`. */
  readonly table?: string;
  /** What becomes of users whom the target has already. Default `'skip'`: so an import can be started again. */
  readonly existing?: 'skip' | 'replace';
  /** The restart point that an import before told: of a table it begins behind it. */
  readonly after?: string;
  /** A file that keeps the restart point, and is removed at the end. */
  readonly checkpoint?: string;
  /** Told of every step. Default: a bar on standard error where that is a terminal; `false` for nothing. */
  readonly progress?: false | ((progress: ImportProgress) => void);
}

/** An import that did not come to its end. What was imported is there. */
export class ImportInterruptedError extends HoldfastError {
  readonly code = 'IMPORT_INTERRUPTED';
  constructor(
    readonly progress: ImportProgress,
    subject: string,
    cause: unknown,
  ) {
    super(
      `Importing from ${subject} stopped after ${progress.done} of ${progress.total} contexts: ${cause instanceof Error ? cause.message : String(cause)} Start it again${progress.last === undefined ? '' : `, with after: ${JSON.stringify(progress.last)}`}: what is there already is skipped.`,
      { cause },
    );
  }
}

const KNOWN = ['table', 'existing', 'after', 'checkpoint', 'progress'];
const AT_ONCE = 16;

/**
 * Copies all contexts with all of their turns: between any two stores, and from the table `contexts(id, context)` of the Python SQL connector on
 * any of its databases, or its JSON file.
 *
 * @param from a store or a URL; one of a database that has the Python connector's table is read from that
 * @throws ImportInterruptedError with its restart point; ValidationError where there is nothing to import from
 * @example
 * await importContexts('postgresql+psycopg2://localhost/old', await contextStore('postgresql://localhost/bots'));
 */
export async function importContexts(
  from: ContextStore | string,
  to: ContextStore | string,
  options: ImportOptions = {},
): Promise<ImportProgress> {
  const unknown = Object.keys(options).filter((name) => !KNOWN.includes(name));
  if (unknown.length > 0)
    throw new ValidationError(
      `importContexts() does not know the option ${unknown.join(', ')}. It takes ${KNOWN.join(', ')}.`,
    );
  const source = await sourceOf(from, options);
  try {
    if (typeof to !== 'string') return await copy(source, to, options);
    const target = await contextStore(to);
    try {
      return await copy(source, target, options);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function sourceOf(from: ContextStore | string, { table = 'contexts' }: ImportOptions): Promise<ContextSource> {
  if (typeof from !== 'string') return storeSource(from, 'the store', false);
  const place = placeOf(from);
  if (place.kind === 'json') await mustExist(place.path);
  else if (place.kind === 'fallback' && /^(postgres|postgresql|mysql|mariadb|sqlite):/.test(place.url)) {
    const file = /^sqlite:([^?]+)/.exec(place.url)?.[1];
    if (file !== undefined) await mustExist(file.replace(/^\/{2,}/, '/'));
    const python = await pythonTable(place.url, table);
    if (python) return python;
  }
  const options: ContextStoreOptions = place.kind === 'json' ? {} : { table, synchronize: false };
  try {
    return storeSource(await contextStore(from, options), `the store ${baseOf({ table })}`, true);
  } catch (cause) {
    if (place.kind !== 'fallback') throw cause;
    throw new ValidationError(
      `importContexts() finds no contexts to import: there is neither a table ${table} with the columns id and context nor a store of that name that can be opened. Give the name of the table.`,
      { cause },
    );
  }
}

async function mustExist(path: string): Promise<void> {
  try {
    await access(path);
  } catch (cause) {
    throw new ValidationError(`importContexts() is to read ${path}, which is not there. Give the path of a file.`, {
      cause,
    });
  }
}

async function copy(
  source: ContextSource,
  to: ContextStore,
  { existing = 'skip', after, checkpoint, progress }: ImportOptions,
): Promise<ImportProgress> {
  const point = checkpointIn(checkpoint);
  const tell =
    progress === undefined ? (process.stderr.isTTY ? progressBar(process.stderr) : undefined) : progress || undefined;
  let now: ImportProgress = { done: 0, total: 0, imported: 0, skipped: 0, last: after };
  const batch = async (entries: readonly SourceEntry[]) => {
    const made = await Promise.all(entries.map((entry) => importOne(entry, to, existing)));
    const imported = made.filter(Boolean).length;
    const last = String(entries.at(-1)!.id);
    now = {
      ...now,
      done: now.done + made.length,
      imported: now.imported + imported,
      skipped: now.skipped + made.length - imported,
      last,
    };
    await point.write(last);
    tell?.(now);
  };
  try {
    now = { ...now, total: await source.count() };
    let some: SourceEntry[] = [];
    for await (const entry of source.entries(after ?? (await point.read()))) {
      if (some.push(entry) < AT_ONCE) continue;
      await batch(some);
      some = [];
    }
    if (some.length > 0) await batch(some);
    await point.remove();
    return now;
  } catch (cause) {
    throw new ImportInterruptedError(now, source.name, cause);
  }
}

/** Whether it was there to be imported. */
async function importOne(
  { id, context }: SourceEntry,
  to: ContextStore,
  existing: 'skip' | 'replace',
): Promise<boolean> {
  if (existing === 'skip' && (await to.has(id))) return false;
  const given = await context();
  if (given === undefined) return false;
  try {
    await to.set(id, Context.cast(given), { replace: existing === 'replace' });
    return true;
  } catch (error) {
    // Somebody began a dialog meanwhile.
    if (error instanceof VersionConflictError && existing === 'skip') return false;
    if (error instanceof ValidationError)
      throw new ValidationError(`The context of ${JSON.stringify(String(id))} cannot be imported: ${error.message}`, {
        cause: error,
      });
    throw error;
  }
}
