// npm run guards                    takes each guard of the protocol out of a copy of the code, and shows which test notices
// npm run guards -- GUARD ...       only those; `process` or `redis` stands for all that the tests of that suite are to catch
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GUARDS } from '../test/model/guards.js';
import { runJest, type Verdict } from './guards/jest-run.js';
import { MORE_GUARDS } from './guards/more-guards.js';
import { editedTexts, editsOf, type Mutation, type Suite } from './guards/mutation.js';
import { ProjectCopy, root } from './guards/project-copy.js';
import { SUITES } from './guards/suites.js';
import { MUTATIONS } from './guards/table.js';

const AT_ONCE = 2;

interface Row {
  readonly mutation: Mutation;
  readonly verdict: Verdict;
  readonly seconds: number;
}

const print = (line = '') => process.stdout.write(`${line}\n`);

async function takenOut(copy: ProjectCopy, mutation: Mutation): Promise<Verdict> {
  const { edits, suite, first = [], covered } = mutation;
  const { folder } = copy;
  if (!covered) {
    const groups = SUITES[suite].groups.map((files) => files.filter((file) => !first.includes(file)));
    const verdict = await copy.with(edits, () => runGroups(folder, suite, [first, ...groups]));
    return noticed(copy, suite, verdict);
  }
  const { file, test } = covered;
  const one = () => runJest({ folder, suite, files: [file], test });
  const alone = await copy.with(covered.edits, one);
  if (alone.kind !== 'passed')
    return { kind: 'broken', message: `without ${covered.by} alone '${test}' is to pass, and does not` };
  return copy.with(editsOf(mutation), one);
}

/** Runs groups of tests up to the first in which one fails. */
async function runGroups(folder: string, suite: Suite, groups: readonly (readonly string[])[]): Promise<Verdict> {
  for (const files of groups) {
    if (files.length === 0) continue;
    const verdict = await runJest({ folder, suite, files });
    if (verdict.kind !== 'passed') return verdict;
  }
  return { kind: 'passed' };
}

const sound = new Map<string, Promise<boolean>>();

/** A test that fails with every guard in place too notices nothing. */
async function noticed(copy: ProjectCopy, suite: Suite, verdict: Verdict): Promise<Verdict> {
  if (verdict.kind !== 'failed') return verdict;
  const { file, test } = verdict;
  const { folder } = copy;
  let passes = sound.get(test);
  if (!passes) {
    passes = runJest({ folder, suite, files: [file], test }).then(({ kind }) => kind === 'passed');
    sound.set(test, passes);
  }
  return (await passes) ? verdict : { kind: 'broken', message: `with every guard in place it fails too: ${test}` };
}

const caught = ({ kind }: Verdict) => kind === 'failed' || kind === 'timeout';

function told({ mutation: { guard, edits, covered }, verdict, seconds }: Row): string {
  const files = [...new Set(edits.map(({ file }) => file.replace('src/', '')))].join(', ');
  const by =
    verdict.kind === 'failed'
      ? `${verdict.file.replace('test/', '')}: ${verdict.test}`
      : verdict.kind === 'timeout'
        ? 'the time limit'
        : verdict.kind === 'passed'
          ? 'SURVIVES'
          : `NOT SHOWN: ${verdict.message.trim()}`;
  const too = covered ? ` (${covered.by}, which covers it, is out too)` : '';
  return line(guard, files, `${seconds} s`, `${by}${too}`);
}

const line = (guard: string, file: string, time: string, by: string) =>
  `${guard.padEnd(22)} ${file.padEnd(28)} ${time.padStart(5)}  ${by}`;

function chosen(asked: readonly string[]): readonly Mutation[] {
  const names = new Set([...GUARDS.map(({ name }) => name as string), ...Object.keys(MORE_GUARDS), 'process', 'redis']);
  const unknown = asked.filter((name) => !names.has(name));
  if (unknown.length > 0)
    throw new Error(`There is no guard ${unknown.join(', ')}. There are: ${[...names].join(', ')}.`);
  if (asked.length === 0) return MUTATIONS;
  return MUTATIONS.filter(({ guard, suite }) => asked.includes(guard) || asked.includes(suite));
}

async function run(mutations: readonly Mutation[]): Promise<readonly Row[]> {
  // A table that is not true any more is told at once.
  for (const mutation of mutations) editedTexts(editsOf(mutation), (file) => readFileSync(join(root, file), 'utf8'));
  const rows: Row[] = [];
  const waiting = [...mutations];
  const work = async () => {
    const copy = new ProjectCopy();
    try {
      for (let mutation = waiting.shift(); mutation; mutation = waiting.shift()) {
        const start = performance.now();
        const verdict = await takenOut(copy, mutation);
        const row = { mutation, verdict, seconds: Math.round((performance.now() - start) / 1000) };
        rows.push(row);
        print(told(row));
      }
    } finally {
      copy.remove();
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, mutations.length) }, work));
  return rows;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

try {
  const asked = process.argv.slice(2);
  const mutations = chosen(asked);
  print(line('GUARD', 'TAKEN OUT OF SRC', 'TIME', 'CAUGHT BY TEST'));
  const rows = await run(mutations);
  const survivors = rows.filter(({ verdict }) => !caught(verdict));
  const later = GUARDS.filter(
    ({ name, where }) => where.startsWith('with collections') && (asked.length === 0 || asked.includes(name)),
  );
  for (const { name, where } of later) print(line(name, '', '', `not in the code yet: ${where}`));
  print(
    `\n${rows.length} guards taken out, ${rows.length - survivors.length} caught, ${survivors.length} not, ${later.length} to come with collections`,
  );
  for (const { mutation, verdict } of survivors)
    print(`  ${mutation.guard} of ${mutation.edits[0]!.file}: ${verdict.kind === 'broken' ? 'not shown' : 'survives'}`);
  process.exitCode = survivors.length === 0 ? 0 : 1;
} catch (error) {
  print((error as Error).message);
  process.exitCode = 1;
}
