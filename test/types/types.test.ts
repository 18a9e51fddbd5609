import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const run = promisify(execFile);

/** What the compiler says against a project; '' where it compiles. */
async function complaints(project: string): Promise<string> {
  const tsc = ['node_modules/typescript/bin/tsc', '-p', `test/types/${project}`];
  return run(process.execPath, tsc).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
}

test.each([
  ['legacy', 'tsconfig.json'],
  ['standard', 'tsconfig.standard.json'],
])(
  'with %s decorators, what is right compiles and what is wrong does not',
  async (_, project) => {
    expect(await complaints(project)).toBe('');
  },
  60_000,
);
