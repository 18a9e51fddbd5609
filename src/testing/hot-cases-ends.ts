import { type HotCase, LONG, NEW, OLD, slowCase } from './hot-steps.js';

// Long enough for a slow machine to take a few steps in it.
const SHORT = 300;

/** Cases about writers in one lock, each of whom has a time of his own. */
export const endCases: readonly HotCase[] = [
  slowCase(
    'a writer who never returns keeps others from making the entry hot for no longer than his time',
    async (at, key) => {
      await at.begin(key, 'dead', SHORT);
      await at.begin(key, 'w1');
      await at.commit(key, 'w1', OLD);
      await at.begin(key, 'w2');
      await at.pass(SHORT);
      await at.begin(key, 'w3');
      await at.commit(key, 'w2', OLD);
      await at.commit(key, 'w3', OLD);
      await at.put(key, NEW);
      await at.isValue(key, NEW);
    },
  ),
  slowCase('a writer who joins and never returns does so for no longer than his time either', async (at, key) => {
    await at.begin(key, 'w1');
    await at.begin(key, 'dead', SHORT);
    await at.begin(key, 'w2');
    await at.commit(key, 'w1', OLD);
    await at.pass(SHORT);
    await at.begin(key, 'w3');
    await at.commit(key, 'w2', OLD);
    await at.isBusy(key);
    await at.commit(key, 'w3', OLD);
    await at.put(key, NEW);
    await at.isValue(key, NEW);
  }),
  slowCase('a lock of which only writers are left whose time is over leaves the entry cold', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w');
    await at.begin(key, 'dead', SHORT);
    await at.commit(key, 'w', NEW);
    await at.pass(SHORT);
    await at.isCold(key);
  }),
  slowCase('a writer whose time is over leaves the lock marked, for he may have written', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w1');
    await at.begin(key, 'dead', SHORT);
    await at.pass(SHORT);
    await at.renew(key, 'w1');
    await at.isBusy(key);
    await at.commit(key, 'w1', NEW);
    await at.isCold(key);
  }),
  slowCase('a writer given up is the last one out where the time of the others is over', async (at, key) => {
    await at.begin(key, 'w');
    await at.begin(key, 'dead', SHORT);
    await at.pass(SHORT);
    await at.abandon(key, 'w');
    await at.isCold(key);
  }),
  slowCase('a writer who commits after his time does not take the lock from others', async (at, key) => {
    await at.begin(key, 'w1');
    await at.begin(key, 'late', SHORT);
    await at.begin(key, 'w2');
    await at.pass(SHORT);
    await at.commit(key, 'w1', OLD);
    await at.commit(key, 'late', OLD);
    await at.isBusy(key);
    await at.commit(key, 'w2', NEW);
    await at.isCold(key);
  }),
  slowCase('who joins meets only the writers whose time is not over', async (at, key) => {
    await at.begin(key, 'w1');
    await at.begin(key, 'w2', SHORT);
    await at.pass(SHORT);
    await at.isBusy(key);
    await at.begin(key, 'w3');
    await at.commit(key, 'w3', NEW);
    await at.isBusy(key);
    await at.commit(key, 'w1', OLD);
    await at.isCold(key);
  }),
  slowCase('renewing lengthens the time of its own writer, and of no other', async (at, key) => {
    await at.begin(key, 'w');
    // Sent together, so that the time cannot end between the two.
    await Promise.all([
      at.begin(key, 'renewed', SHORT),
      at.begin(key, 'dead', SHORT),
      at.renew(key, 'renewed'),
      at.commit(key, 'w', OLD),
    ]);
    await at.pass(SHORT);
    await at.isBusy(key);
    await at.commit(key, 'renewed', NEW);
    await at.isCold(key);
  }),
  slowCase('renewing lengthens the time of the writer who is left, marked as he is', async (at, key) => {
    await at.begin(key, 'w');
    await Promise.all([at.begin(key, 'left', SHORT), at.commit(key, 'w', OLD), at.renew(key, 'left')]);
    await at.pass(SHORT);
    await at.isBusy(key);
    await at.commit(key, 'left', NEW);
    await at.isCold(key);
  }),
  slowCase('writers of one key are renewed together, and no other with them', async (at, key) => {
    await at.begin(key, 'w');
    await Promise.all([
      ...['w1', 'w2', 'dead'].map((token) => at.begin(key, token, SHORT)),
      at.renewAll(key, ['w2', 'none', 'w1', 'w2']),
      at.commit(key, 'w', OLD),
    ]);
    await at.pass(SHORT);
    await at.commit(key, 'w1', OLD);
    await at.isBusy(key);
    await at.commit(key, 'w2', NEW);
    await at.isCold(key);
  }),
  slowCase('a writer alone is renewed whoever else is said to be in his lock', async (at, key) => {
    await at.put(key, OLD);
    await Promise.all([at.begin(key, 'w', SHORT, SHORT / 2), at.renewAll(key, ['none', 'w', 'other'])]);
    await at.pass(SHORT);
    await at.renewAll(key, ['none', 'w', 'other']);
    await at.isValue(key, OLD);
    await at.renewAll(key, ['none', 'other'], 2 * LONG);
    await at.commit(key, 'w', NEW);
    await at.isValue(key, NEW);
  }),
  slowCase('renewing together neither shortens a lock nor brings back a writer', async (at, key) => {
    await at.begin(key, 'w');
    await at.begin(key, 'dead', SHORT);
    await at.renewAll(key, ['w'], SHORT);
    await at.pass(SHORT);
    await at.renewAll(key, ['dead', 'w'], SHORT);
    await at.isBusy(key);
    await at.commit(key, 'w', NEW);
    await at.isCold(key);
  }),
  slowCase('renewing does not bring back a writer whose time is over', async (at, key) => {
    await at.begin(key, 'w');
    await at.begin(key, 'dead', SHORT);
    await at.pass(SHORT);
    await at.renew(key, 'dead');
    await at.commit(key, 'w', NEW);
    await at.isCold(key);
  }),
  slowCase('renewing does not mark the lock of another', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w1');
    await at.renew(key, 'w2');
    await at.isValue(key, OLD);
    await at.commit(key, 'w1', NEW);
    await at.isValue(key, NEW);
  }),
  slowCase(
    'a begin that arrives twice lengthens the time of its own writer, and never shortens it',
    async (at, key) => {
      await at.begin(key, 'w');
      await Promise.all([
        at.begin(key, 'again', SHORT),
        at.begin(key, 'again', LONG),
        at.begin(key, 'again', SHORT),
        at.renew(key, 'again', SHORT),
        at.commit(key, 'w', OLD),
      ]);
      await at.pass(SHORT);
      await at.isBusy(key);
      await at.commit(key, 'again', NEW);
      await at.isCold(key);
    },
  ),
  slowCase('a token that is part of another is not taken for it among several', async (at, key) => {
    await at.begin(key, 'w11');
    await at.begin(key, 'w2');
    await at.commit(key, 'w1', OLD);
    await at.commit(key, 'w2', OLD);
    await at.isBusy(key);
    await at.commit(key, 'w11', NEW);
    await at.isCold(key);
  }),
  slowCase(
    'what lies under a lock that nobody renews is served for a part of its time, then no more',
    async (at, key) => {
      await at.put(key, OLD);
      await at.begin(key, 'w', LONG, SHORT);
      await at.isValue(key, OLD);
      await at.pass(SHORT);
      await at.isBusy(key);
      await at.commit(key, 'w', NEW);
      await at.isValue(key, NEW);
    },
  ),
  slowCase('a known absence under a lock that nobody renews is served no longer either', async (at, key) => {
    await at.put(key, null);
    await at.begin(key, 'w', LONG, SHORT);
    await at.isAbsent(key);
    await at.pass(SHORT);
    await at.isBusy(key);
  }),
  slowCase('what lies under a lock that is renewed is served on', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w', LONG, SHORT);
    await at.pass(SHORT);
    await at.renew(key, 'w');
    await at.isValue(key, OLD);
    await at.pass(SHORT);
    await at.isBusy(key);
  }),
  slowCase(
    'an entry that was there is replaced where only that is wanted, however long the write took',
    async (at, key) => {
      await at.put(key, OLD);
      await at.begin(key, 'w', LONG, SHORT);
      await at.pass(SHORT);
      await at.commit(key, 'w', NEW, 'ifPresent');
      await at.isValue(key, NEW);
    },
  ),
];
