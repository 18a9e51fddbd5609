import { describe, test } from '@jest/globals';
import { interruptions } from './interruption.js';
import { COMEBACKS, type LocksLeft, type Subject } from './subject.js';

/**
 * One process is killed between any two steps of a write or read.
 *
 * @param locks how long its locks may be left: `none` where a lock lasts no longer than the repair interval
 */
export function killedCases(make: () => Promise<Subject>, locks: LocksLeft): void {
  const they = interruptions(make, locks);
  const { interrupted } = they;

  describe('a process that is killed between any two steps', () => {
    test('leaves nothing old and no lock behind', () => interrupted({ goesOn: 'never' }));

    test('having lost the hot tier meanwhile, leaves what another sees to', () =>
      interrupted({
        begin: () => they.subject.cut([they.stopped]),
        end: async () => they.stopped.die(),
        goesOn: 'meanwhile',
      }));

    test('while nobody reaches the hot tier leaves nothing old', () =>
      interrupted({
        begin: () => they.subject.cut(they.all),
        end: () => they.subject.mend(they.all),
        goesOn: 'never',
      }));

    test.each(COMEBACKS)('with a hot tier that comes back with %s leaves nothing old', (comeback) =>
      interrupted({
        begin: () => they.subject.kill(),
        end: () => they.subject.comeBack(comeback),
        goesOn: 'never',
      }),
    );
  });
}
