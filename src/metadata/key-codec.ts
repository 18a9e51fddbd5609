import { codecs, describe } from '../core/codecs.js';
import { ValidationError } from '../core/errors.js';
import type { DriverCapabilities } from '../core/fallback-driver.js';
import { isOrdinary, keyOf } from '../core/key-text.js';
import type { Key, KeyPart, Schema } from '../core/schema.js';

type Part = Key['parts'][number];

/** What a store can take of a key. */
export type KeyLimits = Pick<DriverCapabilities, 'nul' | 'keyPartLength' | 'keyBytes'>;

/** Makes the keys of one entity: no two different ones have the same id. */
export interface KeyCodec {
  /** The key of what a user gives: the value itself for one key property, or an object of the key properties. @throws ValidationError */
  toKey(input: unknown): Key;
  /** The key in an entity or its data, which may hold other properties too. @throws ValidationError */
  fromEntity(entity: object): Key;
  /** The key properties as a user knows them. */
  toObject(key: Key): Record<string, unknown>;
  /** The key as a user gives it: the value for one key property, or an object. */
  toValue(key: Key): unknown;
}

const NO_LIMITS: KeyLimits = { nul: true };

/** The key codec of a schema, with the limits of the stores that its keys go to. */
export function keyCodec(schema: Schema, limits: KeyLimits = NO_LIMITS): KeyCodec {
  const { keys, target } = schema;
  const check = textCheck(limits);
  const single = keys.length === 1 ? keys[0]! : undefined;
  const names = keys.map((key) => key.name);
  const listed = `{ ${names.join(', ')} }`;

  const encode = (part: KeyPart, value: unknown): Part => {
    const subject = `${target.name}.${part.name}`;
    try {
      const plain = codecs[part.type].encode(value);
      if (typeof plain === 'string') check(plain, subject);
      return plain;
    } catch (error) {
      if (error instanceof ValidationError) throw error;
      throw new ValidationError(`${subject} ${(error as Error).message}. Give a key of that type.`);
    }
  };

  const fromEntity = (entity: object): Key => {
    const parts = keys.map((part) => {
      const value = (entity as Record<string, unknown>)[part.name];
      if (value === undefined || value === null) {
        const remedy = part.generate ? 'Save it first: the key is generated then.' : 'Give it a value.';
        throw new ValidationError(`${target.name}.${part.name} is part of the key, but is ${value}. ${remedy}`);
      }
      return encode(part, value);
    });
    checkTotal(parts, limits, target.name);
    return keyOf(parts);
  };

  const fromObject = (input: object): Key => {
    if (input instanceof target) return fromEntity(input);
    const whole = names.every(
      (name) => Object.hasOwn(input, name) && (input as Record<string, unknown>)[name] !== undefined,
    );
    if (!whole || Object.keys(input).length !== names.length) throw misfit(input, names, target.name);
    return fromEntity(input);
  };

  const toKey = (input: unknown): Key => {
    if (single !== undefined && (typeof input !== 'object' || input instanceof Date)) {
      if (input === undefined)
        throw new ValidationError(`The key given for ${target.name} is undefined. Give ${single.name}.`);
      const part = encode(single, input);
      checkTotal([part], limits, target.name);
      return keyOf([part]);
    }
    if (typeof input === 'object' && input !== null && !Array.isArray(input) && !(input instanceof Date))
      return fromObject(input);
    const wanted = single ? `${single.name} or ${listed}` : listed;
    throw new ValidationError(`The key given for ${target.name} is ${describe(input)}. A key is ${wanted}.`);
  };

  const decode = (part: KeyPart, plain: Part): unknown => (part.type === 'date' ? new Date(plain as number) : plain);
  const toObject = (key: Key): Record<string, unknown> => {
    const object: Record<string, unknown> = {};
    for (let at = 0; at < keys.length; at++) object[keys[at]!.name] = decode(keys[at]!, key.parts[at]!);
    return object;
  };

  return {
    toKey: single?.type === 'string' ? textKey(limits, toKey) : toKey,
    fromEntity,
    toObject,
    toValue: (key) => (single ? decode(single, key.parts[0]!) : toObject(key)),
  };
}

// Most keys are one short string: this is the way of every find, so it is made as short as it can be.
function textKey({ keyBytes, keyPartLength }: KeyLimits, otherwise: KeyCodec['toKey']): KeyCodec['toKey'] {
  const most = Math.min(
    keyBytes === undefined ? Number.POSITIVE_INFINITY : keyBytes / 3,
    keyPartLength ?? Number.POSITIVE_INFINITY,
  );
  return (input) =>
    typeof input === 'string' && input.length <= most && isOrdinary(input)
      ? { id: input, parts: [input] }
      : otherwise(input);
}

function misfit(input: object, names: readonly string[], entity: string): ValidationError {
  const missing = names.filter(
    (name) => !Object.hasOwn(input, name) || (input as Record<string, unknown>)[name] === undefined,
  );
  const unknown = Object.keys(input).filter((name) => !names.includes(name));
  const facts: string[] = [];
  if (missing.length > 0) facts.push(`lacks ${missing.join(', ')}`);
  if (unknown.length > 0)
    facts.push(`has ${unknown.join(', ')}, which ${unknown.length > 1 ? 'are' : 'is'} no part of it`);
  return new ValidationError(`The key given for ${entity} ${facts.join(' and ')}. A key is { ${names.join(', ')} }.`);
}

type TextCheck = (text: string, subject: string) => void;

function textCheck({ nul, keyPartLength = Number.POSITIVE_INFINITY }: KeyLimits): TextCheck {
  return (text, subject) => {
    if (!nul && text.includes('\0'))
      throw new ValidationError(
        `${subject} holds the character U+0000, which its store cannot keep. Leave it out of keys.`,
      );
    // A store counts characters, JavaScript UTF-16 units.
    if (text.length > keyPartLength && [...text].length > keyPartLength)
      throw new ValidationError(
        `${subject} is ${[...text].length} characters long, but its store takes keys of at most ${keyPartLength}. Use a shorter key, such as a hash of it.`,
      );
  };
}

function checkTotal(parts: readonly Part[], { keyBytes }: KeyLimits, entity: string): void {
  if (keyBytes === undefined) return;
  let bytes = 0;
  for (const part of parts) if (typeof part === 'string') bytes += Buffer.byteLength(part);
  if (bytes > keyBytes)
    throw new ValidationError(
      `The key given for ${entity} is ${bytes} bytes long, but its store takes keys of at most ${keyBytes}. Use a shorter key, such as a hash of it.`,
    );
}
