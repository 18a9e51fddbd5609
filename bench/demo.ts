// The main job on real data: every city is saved and read through all tiers, and each answer is checked.
import { HoldfastError, StoreFault } from 'holdfast';
import { demoOptions, USAGE } from './demo/options.js';
import { runDemo } from './demo/run.js';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort(new Error('Interrupted.')));

try {
  const options = demoOptions(process.argv.slice(2));
  if (options === undefined) console.log(USAGE);
  else if (!(await runDemo(options, stop.signal))) process.exitCode = 1;
} catch (error) {
  process.exitCode = 1;
  const told = error instanceof HoldfastError || error instanceof StoreFault;
  const expected =
    told || stop.signal.aborted || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
  console.error(expected ? `\n${(error as Error).message}` : error);
}
