import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { compareKeys } from '../../src/core/key-order.js';
import type { Key } from '../../src/core/schema.js';
import { sortedKeys } from '../../src/fallbacks/file/sorted-keys.js';
import { sampleKey, sampleSchema } from '../../src/testing/sample-schema.js';

describe('keys in their order', () => {
  const schema = sampleSchema({ name: 'sample', keys: { text: 'string', at: 'bigint', on: 'date' }, fields: {} });
  const keys = Array.from({ length: 1000 }, (_, at) =>
    sampleKey(['\u2028', 'a\nb', '😀', '\uffff', '', 'é'][at % 6]!, BigInt((at * 7919) % 1000) * 10n ** 15n, at),
  );
  async function* given() {
    yield* keys;
  }

  for (const runKeys of [7, 100, 999, 1000, 5000])
    test(`are the same where ${runKeys} are sorted at a time`, async () => {
      const sorted: Key[] = [];
      for await (const slice of sortedKeys(schema, given(), { runKeys })) sorted.push(...slice);
      expect(sorted).toEqual([...keys].sort(compareKeys));
    });

  test('leave no temporary files where the one who asked goes away', async () => {
    const within = await mkdtemp(path.join(tmpdir(), 'holdfast-sorted-'));
    for await (const slice of sortedKeys(schema, given(), { runKeys: 50, within })) {
      expect(await readdir(within)).toHaveLength(1);
      if (slice.length > 0) break;
    }
    expect(await readdir(within)).toEqual([]);
    await rm(within, { recursive: true });
  });
});
