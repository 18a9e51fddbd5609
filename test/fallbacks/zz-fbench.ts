import { performance } from 'node:perf_hooks';
import { rmSync } from 'node:fs';
import { systemClock } from '../../src/core/clock.js';
import { fileDriver } from '../../src/fallbacks/file/driver.js';
import { memoryDriver } from '../../src/fallbacks/memory.js';
import { sampleKey, sampleSchema } from '../../src/testing/sample-schema.js';
const s = sampleSchema({ name: 'city', keys: { country: 'string', id: 'integer' }, fields: { name: 'string', people: 'integer', lat: 'number', lon: 'number' } });
const o = { synchronize: true, clock: systemClock, logger: console, statementTimeout: 10000 };
const N = Number(process.argv[2] ?? 100000);
const keys = Array.from({ length: N }, (_, i) => sampleKey('DE', i));
const put = (i: number) => ({ schema: s, key: keys[i]!, change: { type: 'put', row: ['name' + i, i, i / 7, i / 3] } as never });
async function t(name: string, n: number, f: () => Promise<unknown>) { const a = performance.now(); await f(); const ms = performance.now() - a; console.log(name.padEnd(40), (n / ms * 1000 | 0) + '/s', (ms / n * 1000).toFixed(2) + ' µs', (ms|0)+'ms', (process.memoryUsage().heapUsed / 1e6 | 0) + 'MB'); }
for (const d of [memoryDriver(), fileDriver({ directory: '/tmp/fbench' })]) {
  rmSync('/tmp/fbench', { recursive: true, force: true });
  await d.open([s], o);
  console.log(d.name);
  const seq = d.name === 'file' ? 500 : 50000;
  await t('sequential puts', seq, async () => { for (let i = 0; i < seq; i++) await d.write([put(i)]); });
  await t('puts, 50 at once', 5000, async () => { let i = 0; await Promise.all(Array.from({ length: 50 }, async () => { while (i < 5000) await d.write([put(i++)]); })); });
  await t('batches of 1000', N, async () => { for (let i = 0; i < N; i += 1000) await d.write(Array.from({ length: 1000 }, (_, j) => put(i + j))); });
  const r = d.name === 'file' ? 2000 : 500000;
  await t('sequential reads', r, async () => { for (let i = 0; i < r; i++) await d.read(s, [keys[i % N]!], undefined); });
  await t('reads, 50 at once', r*2, async () => { let i = 0; await Promise.all(Array.from({ length: 50 }, async () => { while (i < r*2) await d.read(s, [keys[i++ % N]!], undefined); })); });
  await t('reads of 100', 20000, async () => { for (let i = 0; i < 20000; i += 100) await d.read(s, keys.slice(i, i + 100), undefined); });
  await t('count', 1, () => d.count(s));
  await t('scan', N, async () => { let n = 0; for await (const _ of d.scan(s)) n++; if (n !== N) throw new Error('scan ' + n); });
  await t('close', 1, () => d.close());
  if (d.name === 'file') { await t('open', 1, () => d.open([s], o)); await d.close(); }
}
rmSync('/tmp/fbench', { recursive: true, force: true });
