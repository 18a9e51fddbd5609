import type { Registered } from './classes.js';
import { CLASS, SPECIALS } from './rich-form.js';
import { type At, type Shell, shellOf, UnreadableError } from './rich-shells.js';

/**
 * Reads what `writeRich` wrote, however deep it is. All parts are made before any of them is filled, so that each can hold any other.
 * No code runs but what `decode` of a registered class is.
 *
 * @throws UnreadableError, SyntaxError, RangeError; what a class's `decode` throws
 */
export function readRich(text: string, classes: readonly Registered[]): unknown {
  const parsed: unknown = JSON.parse(text);
  if (SPECIALS.has(parsed as number)) return SPECIALS.get(parsed as number);
  if (!Array.isArray(parsed) || parsed.length === 0) throw new UnreadableError('it is no list of parts');
  return new RichReader(parsed, classes).read();
}

class RichReader {
  readonly #parts: readonly unknown[];
  readonly #classes: readonly Registered[];
  readonly #decodes: boolean;
  readonly #shells: (Shell | undefined)[];
  /** What was made of other parts by a class, by its index; `undefined` where that is under way. */
  readonly #decoded = new Map<number, { readonly value: unknown } | undefined>();
  readonly #filled = new Set<number>();
  /** Parts that are filled, with all that they hold. */
  readonly #complete = new Set<number>();

  constructor(parts: readonly unknown[], classes: readonly Registered[]) {
    this.#parts = parts;
    this.#classes = classes;
    this.#decodes = classes.some(({ decode }) => decode);
    this.#shells = new Array<Shell | undefined>(parts.length);
  }

  read(): unknown {
    for (const index of this.#parts.keys()) if (this.#decoder(index)) this.#decode(index);
    for (const index of this.#parts.keys()) this.#fill(index);
    return this.#at(0);
  }

  readonly #at: At = (index) => {
    if ((index as number) < 0 && SPECIALS.has(index as number)) return SPECIALS.get(index as number);
    const place = this.#place(index);
    return this.#decoder(place) ? this.#decoded.get(place)?.value : this.#shell(place).value;
  };

  readonly #part: At = (index) => (SPECIALS.has(index as number) ? undefined : this.#parts[this.#place(index)]);

  #place(index: unknown): number {
    if (Number.isInteger(index) && (index as number) >= 0 && (index as number) < this.#parts.length)
      return index as number;
    throw new UnreadableError(`it has no part ${JSON.stringify(index)}`);
  }

  #shell(index: number): Shell {
    this.#shells[index] ??= shellOf(this.#parts[index], this.#classes, this.#part, this.#at);
    return this.#shells[index];
  }

  /** The class that makes an instance of what it had encoded. */
  #decoder(index: number): Registered | undefined {
    if (!this.#decodes) return undefined;
    const part = this.#parts[index];
    const tag: unknown = Array.isArray(part) ? part[0] : undefined;
    if (typeof tag !== 'string' || !tag.startsWith(CLASS)) return undefined;
    return this.#classes.find(({ name, decode }) => decode && CLASS + name === tag);
  }

  #fill(index: number): void {
    if (this.#filled.has(index) || this.#decoder(index)) return;
    this.#filled.add(index);
    this.#shell(index).fill(this.#at);
  }

  /** Makes an instance of parts that are complete: those of other such instances come first. */
  #decode(index: number): void {
    if (this.#decoded.has(index)) {
      if (this.#decoded.get(index)) return;
      throw new UnreadableError('an instance is part of what its class makes of it');
    }
    this.#decoded.set(index, undefined);
    const given = (this.#parts[index] as readonly unknown[])[1];
    const within = this.#within(given);
    for (const part of within) this.#fill(part);
    for (const part of within) this.#complete.add(part);
    this.#decoded.set(index, { value: this.#decoder(index)!.decode!(this.#at(given)) });
  }

  /**
   * All parts that a part holds, over whatever detour, but for those that are complete: many instances may share them. Instances that
   * a class decodes are made on the way.
   */
  #within(first: unknown): ReadonlySet<number> {
    const found = new Set<number>();
    const waiting = [first];
    while (waiting.length > 0) {
      const next = waiting.pop();
      if (typeof next === 'number' && next < 0) continue;
      const place = this.#place(next);
      if (found.has(place) || this.#complete.has(place)) continue;
      found.add(place);
      if (this.#decoder(place)) this.#decode(place);
      else waiting.push(...this.#shell(place).holds);
    }
    return found;
  }
}
