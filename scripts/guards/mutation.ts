/** One text of one source file that is replaced by another. */
export interface Edit {
  /** Its path from the project's folder. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
}

/** One guard taken out of the code. */
export interface Mutation {
  /** Its name in test/model/guards.ts, or one of those that only the code has. */
  readonly guard: string;
  /** Made together. */
  readonly edits: readonly Edit[];
  /** What else holds while it is out: such a guard is shown by a test that fails only where both are out. */
  readonly covered?: {
    readonly by: string;
    /** Take out only the other one. */
    readonly edits: readonly Edit[];
    /** Where the test is, and its whole name. */
    readonly file: string;
    readonly test: string;
  };
  /** The tests that are to catch it: those in process, or those on Redis. */
  readonly suite: Suite;
  /** The files in which it is likely to be caught, to be run first. */
  readonly first?: readonly string[];
}

export type Suite = 'process' | 'redis';

/** Makes edits of one file. */
export const editOf =
  (file: string) =>
  (from: string, to: string): Edit => ({ file, from, to });

/** The text with the edit made. @throws Error where what it replaces is not there exactly once */
export function edited(text: string, { file, from, to }: Edit): string {
  const found = text.split(from).length - 1;
  if (found !== 1)
    throw new Error(
      `${file} has ${found} times, not once, what a guard is to be taken out of: ${from.trim()}. Bring the table in scripts/guards up to date.`,
    );
  return text.replace(from, () => to);
}

/** The texts of the files with all edits made, one after the other. @throws Error as {@link edited} does */
export function editedTexts(edits: readonly Edit[], read: (file: string) => string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const edit of edits) texts.set(edit.file, edited(texts.get(edit.file) ?? read(edit.file), edit));
  return texts;
}

/** All edits of a mutation. */
export const editsOf = ({ edits, covered }: Mutation): readonly Edit[] => [...edits, ...(covered?.edits ?? [])];
