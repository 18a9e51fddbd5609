import { openHot } from 'holdfast/testing';
import { dropKeys } from '../../support/clean-up.js';
import type { Breakable } from './breakable.js';
import { Cut } from './cut.js';

/** A Redis of the user's, which is not ours to kill: each holdfast is cut off from it. */
export function givenRedis(url: string, namespace: string): Breakable {
  const cut = new Cut();
  return {
    url,
    told:
      'Redis is not touched, as it may serve others: the holdfasts are cut off from it by the fault-injecting store of holdfast/testing, ' +
      'and once its keys are dropped meanwhile. It cannot come back with old data this way: --redis own shows that.',
    connect: async () => cut.through(await openHot(url, namespace)),
    // There is no other way back to old data than a restart.
    async remember() {},
    hang: cut.hang,
    goOn: cut.mend,
    kill: cut.kill,
    async comeBack(data) {
      if (data === 'empty') await dropKeys(url, namespace);
      cut.mend();
      return data === 'empty' ? 'no data' : 'its data';
    },
    close: () => dropKeys(url, namespace),
  };
}
