import type { Codec } from '../core/codec.js';
import { describe } from '../core/codecs.js';
import { CorruptPlain, plainToText, textToPlain } from '../core/plain.js';
import { ValueFault } from '../metadata/value-fault.js';

/** A member as every store keeps it. @throws ValueFault, or what its codec throws */
export function memberText(codec: Codec, member: unknown): string {
  if (member === null || member === undefined)
    throw new ValueFault('', `must be of type ${codec.name}, got ${describe(member)}`);
  return plainToText(codec.encode(member));
}

/** The inverse of {@link memberText}, new each time. @throws CorruptPlain */
export function textMember(codec: Codec, text: string): unknown {
  try {
    const plain = textToPlain(codec.storage, text);
    if (plain !== null) return codec.decode(plain);
  } catch (cause) {
    throw unreadable(text, cause instanceof Error ? cause.message : String(cause), cause);
  }
  throw unreadable(text, 'it stands for null', undefined);
}

const unreadable = (text: string, fact: string, cause: unknown): CorruptPlain =>
  new CorruptPlain(`the member ${JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)}: ${fact}`, {
    cause,
  });
