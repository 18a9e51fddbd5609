import { expect, test } from '@jest/globals';
import { type Operation, staleReads } from './outage-log.js';

const operation = (process: string, type: Operation['type'], began: number, ended: number, n: number): Operation => ({
  process,
  type,
  id: 'key0',
  began,
  ended,
  n,
});

test('a read is stale where it gives less than what anybody was acknowledged before it began, and only there', () => {
  const first = operation('p1', 'write', 0, 10, 1);
  const second = operation('p2', 'write', 5, 20, 2);
  const during = operation('p3', 'read', 15, 30, 1);
  const ahead = operation('p3', 'read', 12, 13, 2);
  const behind = operation('p3', 'read', 21, 25, 1);
  const far = operation('p1', 'read', 22, 23, 0);
  const other = { ...operation('p1', 'read', 40, 41, 0), id: 'key1' };
  expect(staleReads([far, behind, other, ahead, during, second, first])).toEqual([
    { read: behind, missed: second },
    { read: far, missed: first },
  ]);
});
