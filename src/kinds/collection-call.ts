import { checkOptions } from '../core/check-options.js';
import type { Codec } from '../core/codec.js';
import { describe } from '../core/codecs.js';
import type { Answer, CollectionQuestion, MemberChange } from '../core/collection.js';
import { ValidationError } from '../core/errors.js';
import type { ChangeCall, EntityAccess, QueryCall } from '../core/kind.js';
import { ValueFault } from '../metadata/value-fault.js';
import { memberText, textMember } from './member-text.js';

/** The options of a call, whatever they are. */
export type Given = Readonly<Record<string, unknown>>;

/** One call of a collection's repository: checks what it was given, and makes of it what is asked or changed. */
export class CollectionCall {
  /** The codec of a member. */
  readonly codec: Codec;
  readonly #access: EntityAccess;
  readonly #name: string;

  constructor(access: EntityAccess, name: string) {
    this.#access = access;
    this.#name = name;
    this.codec = access.schema.fields[0]!.member!;
  }

  /** @throws ValidationError */
  refuse(fact: string, remedy: string): never {
    throw new ValidationError(`${this.#name}() of ${this.#access.schema.target.name}: ${fact}. ${remedy}`);
  }

  /** What `read` makes of an argument; its faults are told as of `place`. @throws ValidationError */
  read<T>(place: string, read: () => T): T {
    try {
      return read();
    } catch (error) {
      const fault = error instanceof ValueFault ? error : undefined;
      const fact = fault?.fact ?? (error instanceof Error ? error.message : String(error));
      return this.refuse(`${place}${fault?.path ?? ''} ${fact}`, fault?.remedy ?? 'Give another value.');
    }
  }

  text(place: string, member: unknown): string {
    return this.read(place, () => memberText(this.codec, member));
  }

  /** @throws CorruptPlain */
  member(text: string): unknown {
    return textMember(this.codec, text);
  }

  /** A whole number of `least` or more. @throws ValidationError */
  whole(place: string, value: unknown, least = Number.MIN_SAFE_INTEGER): number {
    if (Number.isSafeInteger(value) && (value as number) >= least) return (value as number) + 0;
    const wanted = least === Number.MIN_SAFE_INTEGER ? 'a whole number' : `a whole number of ${least} or more`;
    return this.refuse(`${place} must be ${wanted}, got ${describe(value)}`, 'Give another value.');
  }

  /** Any number that is one, infinite ones too. @throws ValidationError */
  number(place: string, value: unknown): number {
    if (typeof value === 'number' && !Number.isNaN(value)) return value;
    return this.refuse(`${place} must be a finite or infinite number, got ${describe(value)}`, 'Give another value.');
  }

  /** True or false; false where it is left out. @throws ValidationError */
  flag(place: string, value: unknown): boolean {
    if (value === undefined || typeof value === 'boolean') return value ?? false;
    return this.refuse(`${place} must be true or false, got ${describe(value)}`, 'Give one, or leave it out.');
  }

  /** The options of the call: an object that has none but `names`. @throws ValidationError */
  options(given: unknown, names: readonly string[] = ['from']): Given {
    checkOptions(`${this.#name}()`, this.#access.schema.target.name, given, names);
    return (given ?? {}) as Given;
  }

  /** Asks one collection. `absent` is the answer where there is none. */
  ask<T>(
    key: unknown,
    question: CollectionQuestion,
    { from }: Given,
    absent: T,
    read: (answer: Answer) => T,
  ): QueryCall {
    return {
      keys: [this.#access.key(key)],
      query: { id: idOf(question), ...question },
      readOptions: from === undefined ? undefined : { from },
      result: ([value]) => (value === null || value === undefined ? absent : read(value as Answer)),
    };
  }

  /** Changes one collection. */
  change<T>(key: unknown, change: MemberChange, read: (answer: Answer) => T): ChangeCall {
    return { key: this.#access.key(key), change, result: ({ answer }) => read(answer!) };
  }

  /** Asks nothing, of a key that could be asked. */
  nothing<T>(key: unknown, result: T, { from }: Given = {}): QueryCall {
    this.#access.key(key);
    const readOptions = from === undefined ? undefined : { from };
    return { keys: [], query: undefined, readOptions, result: () => result };
  }

  /** Until when a collection lives that a change of its members makes. */
  get expiresAt(): number | undefined {
    return this.#access.expiresAt(undefined);
  }
}

/** The one number of an answer that cannot lack it. */
export const countIn = ({ numbers }: Answer): number => numbers[0]!;

/** Of JSON, which knows no infinities: they are told at its end. -0 and 0 are the same bound, and add the same. */
function idOf(question: CollectionQuestion): string {
  let id = JSON.stringify(question);
  for (const value of Object.values<unknown>(question))
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) id += value;
  return id;
}
