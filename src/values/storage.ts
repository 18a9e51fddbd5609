import type { Batch, HashRepository, Holdfast } from '../index.js';
import { pageOf } from './directory.js';
import type { DirectoryState } from './directory-draft.js';
import type { DirectoryRow, PageRow, ValueClasses, ValueRow } from './entities.js';
import { Page } from './page.js';

/** Where a read may be answered from. */
export type From = { readonly from?: 'durable' };

/** The rows of all users, and their directories put together. */
export class Storage {
  readonly classes: ValueClasses;
  readonly values: HashRepository<ValueRow>;
  readonly #holdfast: Holdfast;
  readonly #directories: HashRepository<DirectoryRow>;
  readonly #pages: HashRepository<PageRow>;

  constructor(holdfast: Holdfast, classes: ValueClasses) {
    const of = <R>(target: unknown) => holdfast.repository(target as never) as unknown as HashRepository<R>;
    this.#holdfast = holdfast;
    this.classes = classes;
    this.values = of(classes.value);
    this.#directories = of(classes.directory);
    this.#pages = of(classes.page);
  }

  batch(record: (batch: Batch) => void): Promise<void> {
    return this.#holdfast.batch(record);
  }

  async rows(user: string, keys: readonly string[], from: From = {}): Promise<(ValueRow | undefined)[]> {
    return keys.length === 0
      ? []
      : this.values.findMany(
          keys.map((key) => ({ user, key })),
          from,
        );
  }

  /** Which of the values are there. */
  async present(user: string, keys: readonly string[], from: From = {}): Promise<boolean[]> {
    if (keys.length === 0) return [];
    const rows = await this.values.findMany(
      keys.map((key) => ({ user, key })),
      { ...from, fields: ['listed'] },
    );
    return rows.map((row) => row !== undefined);
  }

  /** A user's directory: the pages of these keys, or all of them. @throws CorruptEntryError */
  async directory(user: string, keys: readonly string[] | 'all', from: From = {}): Promise<DirectoryState> {
    const row = await this.#directories.find(user, from);
    if (!row || row.pages === 0) return { row, pages: new Map([[0, new Page(row?.keys, user)]]), whole: true };
    const numbers =
      keys === 'all' ? [...Array(row.pages).keys()] : [...new Set(keys.map((key) => pageOf(key, row.pages)))];
    const found = await this.#pages.findMany(
      numbers.map((page) => ({ user, page })),
      from,
    );
    const pages = new Map(found.map((page, at) => [numbers[at]!, new Page(page?.keys, user)]));
    return { row, pages, whole: keys === 'all' };
  }

  /** The directories of all users. */
  directories(): AsyncIterable<DirectoryRow> {
    return this.#directories.stream();
  }
}
