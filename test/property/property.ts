import { basename } from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Difference, difference, smallest } from './compare.js';
import { texts } from './pools.js';
import { lineOf, quoted, type Step, source, stepsFrom } from './step.js';
import type { Store } from './stores.js';
import { type Subject, subjects } from './subjects.js';

const LENGTH = 250;
const AT_ONCE = 5;
// The same calls at each run, so that what fails was broken by a change.
const SEED = 20_261_121;
const { PROPERTY_STEPS, PROPERTY_SEED, PROPERTY_PATH, PROPERTY_REPLAY } = process.env;

/** What is run: so many steps in all, or what an earlier run said to run again. */
interface Plan {
  readonly seed: number;
  readonly paths: readonly string[];
  readonly sequenceOf: (subject: Subject, path: string) => readonly Step[];
}

function planOf(steps: number): Plan {
  const seed = PROPERTY_SEED === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(PROPERTY_SEED ?? SEED);
  if (PROPERTY_REPLAY !== undefined) return { seed, paths: ['replay'], sequenceOf: () => stepsFrom(PROPERTY_REPLAY) };
  const count = Math.ceil(Number(PROPERTY_STEPS ?? steps) / subjects.length / LENGTH);
  const paths = PROPERTY_PATH === undefined ? Array.from({ length: count }, (_, at) => String(at)) : [PROPERTY_PATH];
  return { seed, paths, sequenceOf: (subject, path) => fc.sample(sequence(subject), { seed, path, numRuns: 1 })[0]! };
}

// At the end all is looked at, wherever it lies.
const FINALLY: readonly Step[] = [{}, { from: 'durable' }].map((from) => ['findMany', ['a', 'b', 'c'], from]);

const sequence = ({ steps }: Subject): fc.Arbitrary<readonly Step[]> =>
  texts.chain((pool) => {
    const length = LENGTH - FINALLY.length;
    const step = steps(fc.constantFrom(...pool));
    return fc.array(step, { minLength: length, maxLength: length, size: 'max' }).map((some) => [...some, ...FINALLY]);
  });

/** Tests that each kind answers like its model on each store: `steps` calls in all, or as many as `PROPERTY_STEPS` says. */
export function propertyTests(file: string, stores: () => readonly Store[], steps: number): void {
  const plan = planOf(steps);
  const again = (subject: Subject, variables: string) =>
    `${variables} npm test -- test/property/${basename(file)} -t '${testName(subject)}'`;

  test.each(subjects.map((subject) => [testName(subject), subject] as const))(
    '%s',
    async (_, subject) => {
      for (let at = 0; at < plan.paths.length; at += AT_ONCE) {
        const failed = await Promise.all(
          plan.paths.slice(at, at + AT_ONCE).map(async (path) => {
            const sequence = plan.sequenceOf(subject, path);
            const found = await Promise.all(stores().map((store) => difference(store, subject, sequence)));
            return found.filter((one) => one !== undefined).map((one) => ({ ...one, path }));
          }),
        );
        const [first, ...others] = failed.flat().sort((a, b) => a.steps.length - b.steps.length);
        if (first) throw new Error(await told(first, [...new Set(others.map(({ store }) => store.name))], subject));
      }
      expect.assertions(0);
    },
    3_600_000,
  );

  async function told(
    first: Difference & { readonly path: string },
    others: readonly string[],
    subject: Subject,
  ): Promise<string> {
    const alone = await difference(first.store, subject, first.steps);
    const { steps, expected, actual, store } = alone ? await smallest(alone, subject) : first;
    return [
      `A ${subject.name} answers otherwise on "${store.name}" than it should:`,
      '',
      ...steps.map((step) => `  ${lineOf(step)}`),
      `  // should be: ${source(expected)}`,
      `  //        is: ${source(actual)}`,
      '',
      ...(others.length > 0 ? [`So do others, perhaps to other steps: ${others.join(', ')}.`, ''] : []),
      ...(alone
        ? ['These steps again:', `  ${again(subject, `PROPERTY_REPLAY=${quoted(steps)}`)}`]
        : ['It did not when the steps were run again alone: what else ran, or how long it took, has a part in it.']),
      ...(PROPERTY_REPLAY === undefined
        ? [
            `All ${LENGTH} that there were before steps were left out:`,
            `  ${again(subject, `PROPERTY_SEED=${plan.seed} PROPERTY_PATH=${first.path}`)}`,
          ]
        : []),
    ].join('\n');
  }
}

const testName = ({ name }: Subject) => `a ${name} gives the same answers on every store, to any sequence of calls`;
