// npm run model                 every scenario, the deep ones too (minutes), then each guard taken out
// npm run model -- GUARD        the shortest history that goes wrong without that guard
import { explore } from './explore.js';
import { ALL_GUARDS, GUARDS, type GuardName } from './guards.js';
import { DEEP_SCENARIOS, SCENARIOS } from './scenarios.js';
import { historyWithout } from './without.js';

const MOST = 20_000_000;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const lines = (history: readonly string[]) => history.map((step, index) => `      ${index + 1}. ${step}`).join('\n');

function hold(): boolean {
  let all = true;
  for (const scenario of [...SCENARIOS, ...DEEP_SCENARIOS]) {
    const { states, fault, cutShort } = explore(scenario, ALL_GUARDS, MOST);
    const verdict = fault ? 'WRONG' : cutShort ? 'NOT ENDED' : 'holds';
    print(`${verdict.padEnd(9)} ${scenario.name}: ${states} states`);
    if (fault) print(`    ${fault.what}\n${lines(fault.history)}`);
    if (fault || cutShort) all = false;
  }
  return all;
}

function caught(name: GuardName, histories: boolean): boolean {
  const { protects, where } = GUARDS.find((guard) => guard.name === name)!;
  const found = historyWithout(name);
  print(`${(found ? 'caught' : 'MISSED').padEnd(9)} without ${name}: ${protects} (${where})`);
  if (found) print(`    ${found.what} (${found.scenario}, ${found.history.length} steps)`);
  if (found && histories) print(lines(found.history));
  return found !== undefined;
}

const asked = process.argv.slice(2);
const names = GUARDS.map(({ name }) => name);
const unknown = asked.filter((name) => !names.some((one) => one === name));
if (unknown.length > 0) {
  print(`There is no guard ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  process.exitCode = 1;
} else if (asked.length > 0) {
  const missed = asked.filter((name) => !caught(name as GuardName, true));
  process.exitCode = missed.length > 0 ? 1 : 0;
} else {
  const holds = hold();
  const missed = names.filter((name) => !caught(name, false));
  process.exitCode = holds && missed.length === 0 ? 0 : 1;
}
