import { type HotCase, hashCase, hotCase, NEW, OLD, OTHER } from './hot-steps.js';

/** Cases about writers: locks alone, joined, lost and repeated. */
export const lockCases: readonly HotCase[] = [
  hotCase('a write leaves its value hot', async (at, key) => {
    await at.begin(key, 'w');
    await at.commit(key, 'w', NEW);
    await at.isValue(key, NEW);
  }),
  hotCase('a deletion leaves "absent" hot', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w');
    await at.commit(key, 'w', null);
    await at.isAbsent(key);
  }),
  hotCase('a value stays served while it is being written', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w');
    await at.isValue(key, OLD);
    await at.commit(key, 'w', NEW);
    await at.isValue(key, NEW);
  }),
  hotCase('"absent" stays served while the entity is being written', async (at, key) => {
    await at.put(key, null);
    await at.begin(key, 'w');
    await at.isAbsent(key);
    await at.commit(key, 'w', NEW);
    await at.isValue(key, NEW);
  }),
  hotCase('a cold entry that is being written is busy', async (at, key) => {
    await at.begin(key, 'w');
    await at.isBusy(key);
  }),
  hashCase('a write that replaces a value leaves nothing of it', async (at, key) => {
    await at.put(key, { name: 'old', age: 1, note: null });
    await at.put(key, { score: 2 });
    await at.isValue(key, { score: 2 });
  }),
  hotCase('a lock that another joined serves nothing, and the last one out leaves the entry cold', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w1');
    await at.begin(key, 'w2');
    await at.isBusy(key);
    await at.commit(key, 'w1', NEW);
    await at.isBusy(key);
    await at.commit(key, 'w2', OTHER);
    await at.isCold(key);
  }),
  hotCase('a lock that was joined stays marked when it is joined once more', async (at, key) => {
    await at.begin(key, 'w1');
    await at.begin(key, 'w2');
    await at.commit(key, 'w1', NEW);
    await at.begin(key, 'w3');
    await at.commit(key, 'w2', OTHER);
    await at.isBusy(key);
    await at.commit(key, 'w3', OLD);
    await at.isCold(key);
  }),
  hotCase('a write given up leaves the entry cold', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w');
    await at.abandon(key, 'w');
    await at.isCold(key);
  }),
  hotCase('a write given up leaves the lock of others, marked', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w1');
    await at.begin(key, 'w2');
    await at.abandon(key, 'w1');
    await at.isBusy(key);
    await at.commit(key, 'w2', NEW);
    await at.isCold(key);
  }),
  hotCase('giving up without a lock drops what is there', async (at, key) => {
    await at.put(key, OLD);
    await at.abandon(key, 'w');
    await at.isCold(key);
  }),
  hotCase('giving up without a lock marks the lock of others', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w1');
    await at.abandon(key, 'w2');
    await at.isBusy(key);
    await at.commit(key, 'w1', NEW);
    await at.isCold(key);
  }),
  hotCase('a commit whose lock is lost drops what is there', async (at, key) => {
    await at.put(key, OLD);
    await at.commit(key, 'w', NEW);
    await at.isCold(key);
  }),
  hotCase('a commit whose lock is lost marks the lock of others', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w1');
    await at.commit(key, 'w2', NEW);
    await at.isBusy(key);
    await at.commit(key, 'w1', OTHER);
    await at.isCold(key);
  }),
  hotCase('a commit that arrives twice drops the entry, and never puts its value over a later one', async (at, key) => {
    await at.begin(key, 'w1');
    await at.commit(key, 'w1', OLD);
    await at.put(key, NEW);
    await at.commit(key, 'w1', OLD);
    await at.isCold(key);
  }),
  hotCase('a begin that arrives twice is one lock', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w');
    await at.begin(key, 'w');
    await at.isValue(key, OLD);
    await at.commit(key, 'w', NEW);
    await at.isValue(key, NEW);
  }),
  hotCase(
    'a begin that arrives after its commit keeps others from trusting the entry once they write',
    async (at, key) => {
      await at.begin(key, 'w1');
      await at.commit(key, 'w1', OLD);
      await at.begin(key, 'w1');
      await at.isValue(key, OLD);
      await at.begin(key, 'w2');
      await at.commit(key, 'w2', NEW);
      await at.isBusy(key);
    },
  ),
  hotCase('a drop leaves the entry cold, and may be repeated', async (at, key) => {
    await at.put(key, OLD);
    await at.drop(key);
    await at.drop(key);
    await at.isCold(key);
  }),
  hotCase('a drop of "absent" leaves the entry cold', async (at, key) => {
    await at.put(key, null);
    await at.drop(key);
    await at.isCold(key);
  }),
  hotCase('a drop marks a lock, so that its writer leaves the entry cold', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w');
    await at.drop(key);
    await at.drop(key);
    await at.isBusy(key);
    await at.commit(key, 'w', NEW);
    await at.isCold(key);
  }),
  hotCase('mode ifPresent replaces a value that was hot', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w');
    await at.commit(key, 'w', NEW, 'ifPresent');
    await at.isValue(key, NEW);
  }),
  hotCase('mode ifPresent leaves cold what was not hot', async (at, key) => {
    await at.begin(key, 'w');
    await at.commit(key, 'w', NEW, 'ifPresent');
    await at.isCold(key);
  }),
  hotCase('mode ifPresent leaves cold what was known absent', async (at, key) => {
    await at.put(key, null);
    await at.begin(key, 'w');
    await at.commit(key, 'w', NEW, 'ifPresent');
    await at.isCold(key);
  }),
  hotCase('mode drop leaves the entry cold', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w');
    await at.commit(key, 'w', NEW, 'drop');
    await at.isCold(key);
  }),
  hotCase('mode drop leaves the lock of others, marked', async (at, key) => {
    await at.begin(key, 'w1');
    await at.begin(key, 'w2');
    await at.commit(key, 'w1', NEW, 'drop');
    await at.isBusy(key);
    await at.commit(key, 'w2', NEW);
    await at.isCold(key);
  }),
  hotCase('a token that is part of another is not taken for it', async (at, key) => {
    await at.put(key, OLD);
    await at.begin(key, 'w11');
    await at.commit(key, 'w1', NEW);
    await at.isBusy(key);
    await at.commit(key, 'w11', OTHER);
    await at.isCold(key);
  }),
  hotCase('entries of another fingerprint are cold', async (at, key) => {
    await at.put(key, OLD);
    await at.of('00000001').isCold(key);
    await at.of('00000001').fill(key, 'reader', OTHER);
    await at.isCold(key);
  }),
  hotCase('"absent" of another fingerprint is cold', async (at, key) => {
    await at.put(key, null);
    await at.of('00000001').isCold(key);
  }),
  hotCase('a fill of another fingerprint is taken over', async (at, key) => {
    const other = at.of('00000001');
    await at.isCold(key, 'r1');
    await other.isCold(key, 'r2');
    await at.fill(key, 'r1', OLD);
    await other.isBusy(key);
    await other.fill(key, 'r2', OTHER);
    await other.isValue(key, OTHER);
  }),
  hotCase('a lock of another fingerprint counts, but serves nothing', async (at, key) => {
    const other = at.of('00000001');
    await at.put(key, OLD);
    await at.begin(key, 'w1');
    await other.isBusy(key);
    await at.isValue(key, OLD);
    await other.begin(key, 'w2');
    await at.isBusy(key);
    await at.commit(key, 'w1', NEW);
    await at.isBusy(key);
    await other.commit(key, 'w2', OTHER);
    await other.isCold(key);
  }),
  hotCase('a lock over an entry of another fingerprint serves neither', async (at, key) => {
    const other = at.of('00000001');
    await at.put(key, OLD);
    await other.begin(key, 'w');
    await at.isBusy(key);
    await other.isBusy(key);
    await other.commit(key, 'w', OTHER, 'ifPresent');
    await other.isCold(key);
  }),
];
