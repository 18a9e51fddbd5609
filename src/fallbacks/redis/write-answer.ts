import type { RedisReply } from '../../core/kind.js';

/** What Redis answers for one key of a write: whether there was something to delete, and of a collection what its steps answer. */
export interface KeyAnswer {
  readonly existed: boolean;
  readonly steps: readonly (readonly RedisReply[])[];
}

/** The key whose check failed, and how. */
export interface Failure {
  readonly index: number;
  readonly fact: string;
}

const DONE = 'done ';

/** What the script of a write of so many keys answers, read. */
export function answersOf(text: string, count: number): readonly KeyAnswer[] | Failure {
  if (!text.startsWith(DONE)) {
    const space = text.indexOf(' ');
    return { index: Number(text.slice(0, space)), fact: text.slice(space + 1) };
  }
  const json = text.slice(DONE.length + count + 1);
  const steps = json === '' ? [] : (JSON.parse(json) as readonly (KeyAnswer['steps'] | false)[]);
  return Array.from({ length: count }, (_, at) => ({
    existed: text[DONE.length + at] === '1',
    steps: steps[at] || [],
  }));
}
