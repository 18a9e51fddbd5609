import { describe, expect, test } from '@jest/globals';
import { explore } from './explore.js';
import { ALL_GUARDS, GUARDS } from './guards.js';
import { SCENARIOS } from './scenarios.js';
import { historyWithout } from './without.js';

const MOST = 300_000;

describe('in every history the fenced protocol keeps its promises:', () => {
  test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
    const { fault, cutShort } = explore(scenario, ALL_GUARDS, MOST);
    expect(fault).toBeUndefined();
    expect(cutShort).toBeUndefined();
  });
});

describe('a history goes wrong without the guard', () => {
  test.each(GUARDS.map(({ name, protects }) => [name, protects] as const))('%s: %s', (name) => {
    expect(historyWithout(name)).toBeDefined();
  });
});
