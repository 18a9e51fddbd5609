import { expect, test } from '@jest/globals';
import { Answers } from '../../bench/demo/answers.js';
import { report } from '../../bench/demo/report.js';

const names = { hot: 'Redis', durable: 'PostgreSQL' };

test('A wrong answer is counted, shown, and changes the verdict', async () => {
  const answers = new Answers(() => ({ hot: 0, durable: 0 }));
  await answers.during('find', 'reads', async () => {
    answers.count(() => 'find: city FR:1', undefined);
    answers.count(() => 'find: city FR:2', 'name is "Paris", not "Lyon"');
  });
  expect(answers.wrong).toBe(1);
  const text = report(answers, names);
  expect(text).toContain('1 of 2 answers are WRONG:\n  find: city FR:2: name is "Paris", not "Lyon"');
});

test('Reads that neither the hot nor the durable tier answered were answered by the cache', async () => {
  const counts = { hot: 5, durable: 7 };
  const answers = new Answers(() => ({ ...counts }));
  await answers.during('find', 'reads', async () => {
    for (let at = 0; at < 10; at++) answers.count(() => '', undefined);
    counts.hot += 3;
    counts.durable += 1;
  });
  expect(answers.acts[0]).toMatchObject({ answers: 10, tiers: { cache: 6, hot: 3, durable: 1 }, wrong: 0 });
  expect(report(answers, names)).toContain('Each of 10 answers was checked field by field: 0 are wrong.');
});

test('Reads that writes make are not counted as answers of a tier', async () => {
  const counts = { hot: 0, durable: 0 };
  const answers = new Answers(() => ({ ...counts }));
  await answers.during('update', 'writes', async () => {
    answers.count(() => '', undefined);
    counts.durable += 1;
  });
  expect(answers.acts[0]!.tiers).toEqual({ cache: 0, hot: 0, durable: 0 });
});
