import { expect, test } from '@jest/globals';
import { filesOf, textOf } from './source-files.js';

const LONGEST = 400;
const FOLDERS = ['src', 'test', 'samples', 'bench', 'scripts'];

const files = FOLDERS.flatMap(filesOf);

test('no test is focused, skipped or left to do', () => {
  const marked = /\b(test|it|describe)(\.\w+)*\.(only|skip|todo|failing)\b|^\s*(fit|fdescribe|xit|xtest|xdescribe)\(/m;
  expect(files.filter((file) => file.endsWith('.test.ts') && marked.test(textOf(file)))).toEqual([]);
});

test(`no file is longer than ${LONGEST} lines`, () => {
  const long = files
    .map((file) => ({ file, lines: textOf(file).split('\n').length - 1 }))
    .filter(({ lines }) => lines > LONGEST);
  expect(long).toEqual([]);
});

test('no test or source leaves something to do for later', () => {
  expect(files.filter((file) => /\b(TO[D]O|FIX[M]E|XX[X])\b/.test(textOf(file)))).toEqual([]);
});
