import { flagCase, type HotCase } from './hot-steps.js';

const SET = { seen: true };
const UNSET = { seen: false };

/** Cases about the values of a flag. */
export const flagCases: readonly HotCase[] = [
  flagCase('true, false and "absent" are three things, also under a lock', async (at, key) => {
    for (const values of [SET, UNSET, null, UNSET, SET]) {
      await at.put(key, values);
      const isThere = () => (values ? at.isValue(key, values) : at.isAbsent(key));
      await isThere();
      await at.begin(key, 'w');
      await isThere();
      await at.begin(key, 'w');
      await at.renew(key, 'w');
      await isThere();
      await at.drop(key);
      await at.isBusy(key);
      await at.abandon(key, 'w');
      await at.isCold(key);
    }
  }),
  flagCase('a flag that was asked for nothing is there', async (at, key) => {
    await at.put(key, UNSET);
    await at.isValue(key, {}, []);
    await at.isValue(key, UNSET, [0]);
  }),
];
