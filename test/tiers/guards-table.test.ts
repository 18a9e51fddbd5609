import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { MORE_GUARDS } from '../../scripts/guards/more-guards.js';
import { edited, editedTexts, editsOf } from '../../scripts/guards/mutation.js';
import { SUITES } from '../../scripts/guards/suites.js';
import { MUTATIONS } from '../../scripts/guards/table.js';
import { root, textOf } from '../house/source-files.js';
import { GUARDS } from '../model/guards.js';

// `npm run guards` takes each guard out of the code and runs the tests; here is seen to it that it can.

const taken = new Set(MUTATIONS.map(({ guard }) => guard));

test('every guard of the model is taken out of the code, or comes with collections', () => {
  const missing = GUARDS.filter(({ name, where }) => !taken.has(name) && !where.startsWith('with collections'));
  expect(missing.map(({ name }) => name)).toEqual([]);
});

test('every guard that is taken out is one of the model, or says what it protects', () => {
  const known = new Set<string>([...GUARDS.map(({ name }) => name), ...Object.keys(MORE_GUARDS)]);
  expect([...taken].filter((name) => !known.has(name))).toEqual([]);
  expect(Object.keys(MORE_GUARDS).filter((name) => !taken.has(name))).toEqual([]);
});

test('what is taken out is found in the code exactly once', () => {
  for (const mutation of MUTATIONS)
    for (const [file, text] of editedTexts(editsOf(mutation), textOf)) expect(text).not.toBe(textOf(file));
});

test('the tests that are to notice are there', () => {
  const files = Object.values(SUITES).flatMap(({ groups }) => groups.flat());
  const named = MUTATIONS.flatMap(({ first = [], covered }) => [...first, ...(covered ? [covered.file] : [])]);
  expect([...files, ...named].filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test('a guard that another one covers names the test that shows it', () => {
  for (const { covered } of MUTATIONS) if (covered) expect(textOf(covered.file)).toContain(covered.test);
});

test('an edit of what is not there, or there twice, is refused', () => {
  expect(() => edited('a b a', { file: 'f', from: 'a', to: 'c' })).toThrow(/f has 2 times, not once/);
  expect(() => edited('b', { file: 'f', from: 'a', to: 'c' })).toThrow(/f has 0 times/);
  expect(edited('a b', { file: 'f', from: 'a', to: '$&' })).toBe('$& b');
});
