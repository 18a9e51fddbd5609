// Runs every sample, one after the other, and says which did not end well.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const samples = readdirSync('samples').filter((name) => /^\d\d-.*\.ts$/.test(name));
const failed = samples.filter((name) => {
  console.log(`\n== samples/${name}`);
  const args = ['--import', './scripts/typescript.mjs', `samples/${name}`];
  const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'], timeout: 60_000 });
  return status !== 0;
});
console.log(
  `\n${samples.length - failed.length} samples ran, ${failed.length} failed${failed.length > 0 ? `: ${failed.join(', ')}` : ''}`,
);
process.exitCode = failed.length === 0 && samples.length > 0 ? 0 : 1;
