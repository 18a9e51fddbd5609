import type { Key } from '../core/schema.js';
import { collectionCase, type HotCase, LONG, NEW, SETS, type Steps } from './hot-steps.js';

// Long enough for a slow machine to take a few steps in it.
const SHORT = 300;

const memberCase = (name: string, run: (at: Steps, key: Key) => Promise<void>): HotCase =>
  collectionCase(name, run, SETS);
const slowMemberCase = (name: string, run: (at: Steps, key: Key) => Promise<void>): HotCase =>
  collectionCase(name, run, ['sorted-set']);

/** Cases about writers of one collection who write some of its members each. */
export const memberCases: readonly HotCase[] = [
  memberCase('writers of other members leave each other alone, and what they write hot', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['b']);
    await at.beginOn(key, 'w2', ['c', 'd']);
    await at.isValue(key, ['a']);
    await at.commitDelta(key, 'w1', at.added('b'));
    await at.isValue(key, ['a', 'b']);
    await at.beginOn(key, 'w3', ['b', 'e']);
    await at.commitDelta(key, 'w3', at.removed('b'), at.added('e'));
    await at.isValue(key, ['a', 'e']);
    await at.commitDelta(key, 'w2', at.added('c', 'd'));
    await at.isValue(key, ['a', 'c', 'd', 'e']);
  }),
  memberCase('the order in which writers of other members commit makes no difference', async (at, key) => {
    await at.put(key, ['a', 'b', 'c']);
    for (const token of ['w1', 'w2', 'w3']) await at.beginOn(key, token, [token]);
    for (const token of ['w3', 'w1', 'w2']) await at.commitDelta(key, token, at.added(token));
    await at.isValue(key, ['a', 'b', 'c', 'w1', 'w2', 'w3']);
    for (const token of ['w1', 'w2', 'w3']) await at.beginOn(key, token, [token]);
    for (const token of ['w1', 'w2', 'w3']) await at.commitDelta(key, token, at.removed(token));
    await at.isValue(key, ['a', 'b', 'c']);
  }),
  memberCase('writers of one member mark the lock, and leave the entry cold', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['x', 'b']);
    await at.beginOn(key, 'w2', ['b', 'c']);
    await at.isBusy(key);
    await at.commitDelta(key, 'w1', at.added('b'));
    await at.isBusy(key);
    await at.commitDelta(key, 'w2', at.added('c'));
    await at.isCold(key);
  }),
  memberCase('a writer who meets one of several marks the lock', async (at, key) => {
    await at.put(key, ['a']);
    for (const token of ['w1', 'w2', 'w3']) await at.beginOn(key, token, [token, `${token} too`]);
    await at.isValue(key, ['a']);
    await at.beginOn(key, 'w4', ['x', 'w2 too']);
    await at.isBusy(key);
    for (const token of ['w1', 'w2', 'w3']) await at.commitDelta(key, token, at.added(token));
    await at.isBusy(key);
    await at.commitDelta(key, 'w4', at.added('x'));
    await at.isCold(key);
  }),
  memberCase('who writes all members meets several who write some', async (at, key) => {
    await at.put(key, ['a']);
    for (const token of ['w1', 'w2', 'w3']) await at.beginOn(key, token, [token]);
    await at.begin(key, 'w4');
    await at.isBusy(key);
    for (const token of ['w1', 'w2', 'w3']) await at.commitDelta(key, token, at.added(token));
    await at.commit(key, 'w4', NEW);
    await at.isCold(key);
  }),
  memberCase('who writes all members meets whoever writes some', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['b']);
    await at.begin(key, 'w2');
    await at.isBusy(key);
    await at.commitDelta(key, 'w1', at.added('b'));
    await at.commit(key, 'w2', NEW);
    await at.isCold(key);
  }),
  memberCase('who writes some members meets whoever writes all', async (at, key) => {
    await at.put(key, ['a']);
    await at.begin(key, 'w1');
    await at.beginOn(key, 'w2', ['b']);
    await at.isBusy(key);
    await at.commit(key, 'w1', NEW);
    await at.isBusy(key);
    await at.commitDelta(key, 'w2', at.added('b'));
    await at.isCold(key);
  }),
  memberCase('who writes no member meets only whoever writes all', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', []);
    await at.beginOn(key, 'w2', []);
    await at.beginOn(key, 'w3', ['b']);
    await at.isValue(key, ['a']);
    await at.commitDelta(key, 'w1');
    await at.commitDelta(key, 'w3', at.added('b'));
    await at.isValue(key, ['a', 'b']);
    await at.begin(key, 'w4');
    await at.isBusy(key);
  }),
  memberCase('a member that was written and left may be written again while others stay', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['b']);
    await at.beginOn(key, 'w2', ['c']);
    await at.commitDelta(key, 'w1', at.added('b'));
    await at.beginOn(key, 'w3', ['b']);
    await at.isValue(key, ['a', 'b']);
    await at.commitDelta(key, 'w2', at.added('c'));
    await at.commitDelta(key, 'w3', at.removed('b'));
    await at.isValue(key, ['a', 'c']);
  }),
  memberCase('a begin that arrives twice meets nobody by that', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['b']);
    await at.beginOn(key, 'w2', ['c']);
    await at.beginOn(key, 'w1', ['b']);
    await at.beginOn(key, 'w2', ['c']);
    await at.isValue(key, ['a']);
    await at.commitDelta(key, 'w1', at.added('b'));
    await at.commitDelta(key, 'w2', at.added('c'));
    await at.isValue(key, ['a', 'b', 'c']);
  }),
  memberCase('renewing leaves a lock that is not marked as it is', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['b']);
    await at.renew(key, 'w1');
    await at.beginOn(key, 'w2', ['c']);
    await at.renew(key, 'w1');
    await at.renew(key, 'w2');
    await at.renew(key, 'w3');
    await at.isValue(key, ['a']);
    await at.commitDelta(key, 'w2', at.added('c'));
    await at.renew(key, 'w1');
    await at.commitDelta(key, 'w1', at.added('b'));
    await at.isValue(key, ['a', 'b', 'c']);
  }),
  memberCase('renewing several writers together leaves a lock that is not marked as it is', async (at, key) => {
    await at.put(key, ['a']);
    for (const token of ['w1', 'w2', 'w3']) await at.beginOn(key, token, [token]);
    await at.renewAll(key, ['w3', 'w1', 'w11', 'w']);
    await at.isValue(key, ['a']);
    await at.commitDelta(key, 'w1', at.added('w1'));
    await at.beginOn(key, 'w4', ['w4']);
    await at.renewAll(key, ['w2', 'w3', 'w4']);
    await at.beginOn(key, 'w5', ['w2']);
    await at.isBusy(key);
    await at.renewAll(key, ['w2', 'w3', 'w4', 'w5']);
    for (const token of ['w2', 'w3', 'w4', 'w5']) {
      await at.isBusy(key);
      await at.commitDelta(key, token, at.added(token));
    }
    await at.isCold(key);
  }),
  memberCase('a write given up among others leaves their lock, marked', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['b']);
    await at.beginOn(key, 'w2', ['c']);
    await at.abandon(key, 'w1');
    await at.isBusy(key);
    await at.commitDelta(key, 'w2', at.added('c'));
    await at.isCold(key);
  }),
  memberCase('a commit whose token is lost marks a lock of several', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['b']);
    await at.beginOn(key, 'w2', ['c']);
    await at.commitDelta(key, 'lost', at.added('d'));
    await at.isBusy(key);
    await at.commitDelta(key, 'w1', at.added('b'));
    await at.commitDelta(key, 'w2', at.added('c'));
    await at.isCold(key);
  }),
  memberCase('a drop marks a lock of several', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['b']);
    await at.beginOn(key, 'w2', ['c']);
    await at.drop(key);
    await at.isBusy(key);
    await at.commitDelta(key, 'w1', at.added('b'));
    await at.isBusy(key);
    await at.commitDelta(key, 'w2', at.added('c'));
    await at.isCold(key);
  }),
  memberCase('a whole value is not set while others write members, and leaves the entry cold', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['b']);
    await at.beginOn(key, 'w2', ['c']);
    await at.commit(key, 'w1', NEW);
    await at.isBusy(key);
    await at.commitDelta(key, 'w2', at.added('c'));
    await at.isCold(key);
  }),
  memberCase('a whole value is set where its writer is the only one left, whatever he was about', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['b']);
    await at.beginOn(key, 'w2', ['c']);
    await at.commitDelta(key, 'w2', at.added('c'));
    await at.commit(key, 'w1', NEW, 'ifPresent');
    await at.isValue(key, NEW);
  }),
  memberCase('writers of other members leave cold what is not hot', async (at, key) => {
    await at.beginOn(key, 'w1', ['b']);
    await at.beginOn(key, 'w2', ['c']);
    await at.isBusy(key);
    await at.commitDelta(key, 'w1', at.added('b'));
    await at.isBusy(key);
    await at.commitDelta(key, 'w2', at.added('c'));
    await at.isCold(key);
  }),
  memberCase('a token that is part of another is not taken for it among writers of members', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w11', ['b']);
    await at.commitDelta(key, 'w1', at.added('x'));
    await at.isBusy(key);
    await at.abandon(key, 'w11');
    await at.put(key, ['a']);
    await at.beginOn(key, 'w11', ['b']);
    await at.beginOn(key, 'w1', ['c']);
    await at.commitDelta(key, 'w1', at.added('c'));
    await at.isValue(key, ['a', 'c']);
    await at.commitDelta(key, 'w11', at.added('b'));
    await at.isValue(key, ['a', 'b', 'c']);
  }),
  memberCase('the last member is removed while another is added', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['a']);
    await at.beginOn(key, 'w2', ['b']);
    await at.commitDelta(key, 'w1', at.removed('a'));
    await at.isValue(key, []);
    await at.commitDelta(key, 'w2', at.added('b'));
    await at.isValue(key, ['b']);
  }),
  slowMemberCase('of two writers one who dies leaves the lock marked, and the entry cold', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['b']);
    await at.beginOn(key, 'dead', ['c'], SHORT);
    await at.isValue(key, ['a']);
    await at.pass(SHORT);
    await at.isBusy(key);
    await at.commitDelta(key, 'w1', at.added('b'));
    await at.isCold(key);
  }),
  slowMemberCase('who renews his lock when another has died finds it marked', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w', ['b']);
    await at.beginOn(key, 'dead', ['c'], SHORT);
    await at.pass(SHORT);
    await at.renew(key, 'w');
    await at.isBusy(key);
    await at.commitDelta(key, 'w', at.added('b'));
    await at.isCold(key);
  }),
  slowMemberCase('whose begin arrives twice finds his lock marked when another has died', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w', ['b']);
    await at.beginOn(key, 'dead', ['c'], SHORT);
    await at.pass(SHORT);
    await at.beginOn(key, 'w', ['b']);
    await at.isBusy(key);
    await at.commitDelta(key, 'w', at.added('b'));
    await at.isCold(key);
  }),
  slowMemberCase('who joins writers of whom one has died marks the lock', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['b']);
    await at.beginOn(key, 'dead', ['c'], SHORT);
    await at.pass(SHORT);
    await at.beginOn(key, 'w2', ['d']);
    await at.commitDelta(key, 'w1', at.added('b'));
    await at.isBusy(key);
    await at.commitDelta(key, 'w2', at.added('d'));
    await at.isCold(key);
  }),
  slowMemberCase('a writer whose time is over changes nothing among others, and marks their lock', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'late', ['b'], SHORT);
    await at.beginOn(key, 'w', ['c']);
    await at.pass(SHORT);
    await at.commitDelta(key, 'late', at.added('b'));
    await at.isBusy(key);
    await at.commitDelta(key, 'w', at.added('c'));
    await at.isCold(key);
  }),
  slowMemberCase('a writer whose time is over changes nothing among several either', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'late', ['b'], SHORT);
    await at.beginOn(key, 'w1', ['c']);
    await at.beginOn(key, 'w2', ['d']);
    await at.pass(SHORT);
    await at.commitDelta(key, 'late', at.added('b'));
    await at.isBusy(key);
    await at.commitDelta(key, 'w1', at.added('c'));
    await at.isBusy(key);
    await at.commitDelta(key, 'w2', at.added('d'));
    await at.isCold(key);
  }),
  slowMemberCase('of several writers one who dies leaves the lock marked, and the entry cold', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'dead', ['b'], SHORT);
    for (const token of ['w1', 'w2', 'w3']) await at.beginOn(key, token, [token]);
    await at.isValue(key, ['a']);
    await at.pass(SHORT);
    await at.beginOn(key, 'w4', ['w4']);
    for (const token of ['w1', 'w3', 'w4', 'w2']) {
      await at.isBusy(key);
      await at.commitDelta(key, token, at.added(token));
    }
    await at.isCold(key);
  }),
  slowMemberCase('a writer who is left alone keeps his own time', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w', ['b']);
    await Promise.all([at.beginOn(key, 'left', ['c'], SHORT), at.commitDelta(key, 'w', at.added('b'))]);
    await at.pass(SHORT);
    await at.isCold(key);
  }),
  slowMemberCase('what several write is served while all of them show that they live', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['b'], LONG, SHORT);
    await at.beginOn(key, 'w2', ['c'], LONG, SHORT);
    await at.pass(SHORT);
    await at.isBusy(key);
    await at.renew(key, 'w1');
    await at.isBusy(key);
    await at.renew(key, 'w2');
    await at.isValue(key, ['a']);
    await at.pass(SHORT);
    await at.commitDelta(key, 'w1', at.added('b'));
    await at.isBusy(key);
    await at.commitDelta(key, 'w2', at.added('c'));
    await at.isValue(key, ['a', 'b', 'c']);
  }),
  slowMemberCase('what several write is served on where they are renewed together', async (at, key) => {
    await at.put(key, ['a']);
    for (const token of ['w1', 'w2', 'w3']) await at.beginOn(key, token, [token], LONG, SHORT);
    await at.pass(SHORT);
    await at.renewAll(key, ['w1', 'w3']);
    await at.isBusy(key);
    await at.renewAll(key, ['w1', 'w2', 'w3']);
    await at.isValue(key, ['a']);
    for (const token of ['w2', 'w3', 'w1']) await at.commitDelta(key, token, at.added(token));
    await at.isValue(key, ['a', 'w1', 'w2', 'w3']);
  }),
  slowMemberCase('of writers the one who is served least counts', async (at, key) => {
    await at.put(key, ['a']);
    await at.beginOn(key, 'w1', ['b']);
    await at.beginOn(key, 'w2', ['c'], LONG, SHORT);
    await at.isValue(key, ['a']);
    await at.pass(SHORT);
    await at.isBusy(key);
  }),
];
