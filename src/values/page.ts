import { type Entries, type Listed, readEntries } from './directory.js';

/** A page of a directory, or the whole of one without pages: a text, which is read only where it matters what else lies in it. */
export class Page {
  /** As it is stored; `undefined` where it is not. */
  readonly text: string | undefined;
  readonly #user: string;
  #entries: Entries | undefined;

  constructor(text: string | undefined, user: string) {
    this.text = text;
    this.#user = user;
  }

  /** Whether the key is not listed, as far as that shows at once: false may be wrong. */
  lacks(key: string): boolean {
    // Part of a longer key, or of two, may look the same; a key that is there always does.
    return this.text === undefined || !this.text.includes(JSON.stringify(key));
  }

  /** @throws CorruptEntryError */
  get(key: string): Listed | undefined {
    return this.#entries === undefined && this.lacks(key) ? undefined : this.entries.get(key);
  }

  /** @throws CorruptEntryError */
  get entries(): ReadonlyMap<string, Listed> {
    this.#entries ??= this.text === undefined ? new Map() : readEntries(this.text, this.#user);
    return this.#entries;
  }
}
