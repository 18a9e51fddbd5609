import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { missingPeer, NESTJS, TSYRINGE } from '../../src/adapters/missing-peer.js';
import { MissingPackageError } from '../../src/index.js';

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not throw.');
}

const require = createRequire(import.meta.url);
const lacking = (name: string) => thrownBy(() => require(name));

test('a peer that is not there is told with what asked for it, and how to install it', () => {
  const cause = lacking('not-there');
  const error = missingPeer({ path: 'holdfast/some', peers: ['there', 'not-there'] }, cause);
  expect(error).toBeInstanceOf(MissingPackageError);
  expect(error).toMatchObject({ packageName: 'not-there', cause });
  expect((error as Error).message).toBe(
    "The import of 'holdfast/some' needs the package 'not-there', which is not installed. Install it: npm install not-there",
  );
});

test('what a peer itself lacks, and any other error, is told as it is', () => {
  const others = [lacking('not-there'), lacking('@nestjs/commonly'), new Error("'tsyringe' is old"), undefined];
  for (const other of others) for (const one of [NESTJS, TSYRINGE]) expect(missingPeer(one, other)).toBe(other);
});
