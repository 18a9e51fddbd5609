import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Suite } from './mutation.js';
import { SUITES } from './suites.js';

/** What became of the tests. */
export type Verdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly test: string; readonly file: string }
  | { readonly kind: 'timeout' }
  /** No test was run as it is meant to be. */
  | { readonly kind: 'broken'; readonly message: string };

/** Tests of a copy of the project. */
export interface JestRun {
  readonly folder: string;
  readonly suite: Suite;
  readonly files: readonly string[];
  /** The whole name of the only test to be run. */
  readonly test?: string | undefined;
}

const TIME_LIMIT = 240_000;
const TEST_LIMIT = 20_000;

// Code that does not run at all shows nothing of what a guard is for.
const BROKEN =
  /Error compiling script|Script attempted to access nonexistent|attempt to (call|compare|concatenate|index|perform)|ReferenceError|SyntaxError|is not a function/;

interface Report {
  readonly passed: number;
  readonly files: readonly {
    readonly path: string;
    /** Why it could not be run at all. */
    readonly fault?: string;
    readonly failed: readonly { readonly name: string; readonly message: string }[];
  }[];
}

/** Runs tests up to the first that fails. */
export async function runJest({ folder, suite, files, test }: JestRun): Promise<Verdict> {
  const report = join(folder, `report-${suite}.json`);
  const { project } = SUITES[suite];
  const args = [
    ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'],
    ['--runInBand', '--bail', '--forceExit', `--testTimeout=${TEST_LIMIT}`],
    [`--reporters=${join(folder, 'scripts/guards/report.mjs')}`],
    [`--env=${join(folder, 'scripts/guards/stop-at-first.mjs')}`],
    [`--testSequencer=${join(folder, 'scripts/guards/in-order.mjs')}`],
    test === undefined ? [] : [`--testNamePattern=^${escaped(test)}$`],
    ['--runTestsByPath', ...files, '--selectProjects', project],
  ].flat();
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, GUARD_TESTS: JSON.stringify(files), GUARD_REPORT: report },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  let late = false;
  const end = () => void process.kill(-child.pid!, 'SIGKILL');
  process.once('exit', end);
  const timer = setTimeout(() => {
    late = true;
    end();
  }, TIME_LIMIT);
  await new Promise((resolve) => child.on('close', resolve));
  clearTimeout(timer);
  process.off('exit', end);
  if (late) return { kind: 'timeout' };
  const text = await readFile(report, 'utf8').catch(() => undefined);
  await rm(report, { force: true });
  return text === undefined ? { kind: 'broken', message: said } : verdictOf(JSON.parse(text) as Report, folder);
}

function verdictOf({ passed, files }: Report, folder: string): Verdict {
  for (const { path, fault, failed } of files) {
    if (fault !== undefined) return { kind: 'broken', message: fault };
    const [first] = failed;
    if (!first) continue;
    if (BROKEN.test(first.message)) return { kind: 'broken', message: first.message };
    return { kind: 'failed', test: first.name, file: path.slice(folder.length + 1) };
  }
  return passed > 0 ? { kind: 'passed' } : { kind: 'broken', message: 'no test was run' };
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
