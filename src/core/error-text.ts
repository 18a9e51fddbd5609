/** An error as a part of a sentence: the first line of its message, without the full stop. */
export function textOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message || cause.name : String(cause);
  return text.split('\n', 1)[0]!.replace(/\.$/, '');
}

/** A text as the beginning of a sentence. */
export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
