import { describe, test } from '@jest/globals';
import { interruptions, UNCONFIRMED } from './interruption.js';
import { COMEBACKS, type Subject } from './subject.js';

/** Whatever can befall the hot tier, or the way to it, while one process stands between two steps, and then goes on. */
export function interruptedCases(make: () => Promise<Subject>): void {
  const they = interruptions(make, 'until their time is over');
  const { interrupted } = they;

  test('a lock whose time is over, since its process stood still, leaves nothing old hot', () =>
    interrupted({
      begin: async () => {
        they.stopped.steps.pause();
        await they.subject.outlast();
      },
      end: async () => they.stopped.steps.resume(),
      goesOn: 'afterwards',
    }));

  test('a hot tier that forgets everything between any two steps serves nothing old', () =>
    interrupted({ begin: () => they.subject.flush(), goesOn: 'afterwards' }));

  describe('a process that is cut off from the hot tier between any two steps', () => {
    const cut = () => they.subject.cut([they.stopped]);
    const mend = () => they.subject.mend([they.stopped]);

    test('writes on, and what the hot tier was not told of is dropped from it', () =>
      interrupted({ begin: cut, end: mend, goesOn: 'meanwhile' }));

    test('and goes on when it is reached again leaves nothing old', () =>
      interrupted({ begin: cut, end: mend, goesOn: 'afterwards' }));

    test('before its write, and trusts it again before the durable store is written, reads what it wrote', () =>
      interrupted({
        begin: cut,
        end: async () => {
          await mend();
          await they.trusting(they.stopped);
        },
        goesOn: 'afterwards',
        early: UNCONFIRMED,
      }));

    test('again, having begun while it was cut off before, reads what it wrote', () =>
      interrupted({
        begin: cut,
        end: async () => {
          await mend();
          await they.trusting(they.stopped);
          await cut();
        },
        goesOn: 'afterwards',
        early: ['before durable write', 'after durable write'],
        finish: mend,
      }));

    test('when its locks were over already, writes on and is then killed, and another sees to what it left', () =>
      interrupted({
        begin: async () => {
          they.stopped.steps.pause();
          await they.subject.outlast();
          await they.look();
          await cut();
          they.stopped.steps.resume();
        },
        end: async () => they.stopped.die(),
        goesOn: 'meanwhile',
      }));
  });

  describe('a hot tier that nobody reaches for a while, and that kept all it had,', () => {
    test.each(['meanwhile', 'afterwards'] as const)('serves nothing old, though the step is made %s', (goesOn) =>
      interrupted({ begin: () => they.subject.cut(they.all), end: () => they.subject.mend(they.all), goesOn }),
    );

    test('serves nothing old, though a write that began meanwhile is made when it is trusted again', () =>
      interrupted({
        begin: () => they.subject.cut(they.all),
        end: async () => {
          await they.subject.mend(they.all);
          await they.trusting(...they.all);
        },
        goesOn: 'afterwards',
        early: UNCONFIRMED,
      }));
  });

  describe.each(COMEBACKS)('a hot tier that is killed between any two steps and comes back with %s', (comeback) => {
    test.each(['meanwhile', 'afterwards'] as const)('serves nothing old, though the step is made %s', (goesOn) =>
      interrupted({ begin: () => they.subject.kill(), end: () => they.subject.comeBack(comeback), goesOn }),
    );
  });
}
