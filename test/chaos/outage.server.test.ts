import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { postgresDatabases } from '../fallbacks/typeorm/databases.js';
import { runTsChild, type TsChild } from '../support/ts-child.js';
import { until } from '../support/until.js';
import { postgresUrl } from '../support/urls.js';
import { KEYS, type Operation, type Stale, staleReads } from './outage-log.js';
import { redisSubject } from './redis-subject.js';
import { atRest } from './subject.js';

const child = fileURLToPath(new URL('./outage-child.ts', import.meta.url));
const PROCESSES = ['p1', 'p2', 'p3', 'p4'];
const OUTAGE = 10_000;
const REPAIR = 1000;
// The hot tier's timeout and the durable store's, and as much again for a machine that has other things to do.
const FAR_TOO_SLOW = 2 * (500 + 5000);

/** The same clock as the children's, in milliseconds. */
const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;

/** When a child last said that its tiers are in this state. */
const saidAt = ({ lines }: TsChild, state: string) =>
  Number(lines.findLast((line) => line.startsWith(`${state} `))?.slice(state.length));

const slowest = (log: readonly Operation[]) => Math.round(Math.max(0, ...log.map(({ began, ended }) => ended - began)));

test('an outage of Redis of ten seconds under the load of four processes costs no read, no write and no truth', async () => {
  const subject = await redisSubject({ databases: postgresDatabases(postgresUrl) });
  const directory = await mkdtemp(path.join(tmpdir(), 'holdfast-outage-'));
  const checker = await subject.open('checker');
  for (const id of KEYS) await checker.save(id, 0);
  await subject.keep();
  const fileOf = (name: string) => path.join(directory, name);
  const children = PROCESSES.map((name) =>
    runTsChild(child, [subject.server.url, subject.database, name, fileOf(name)]),
  );
  try {
    await Promise.all(children.map((one) => one.line('up ')));
    await sleep(2000);
    const cut = now();
    await subject.kill();
    await sleep(OUTAGE);
    // From here on: it starts, reads its file, answers.
    const back = now();
    await subject.comeBack('what it had kept before');
    await until('every process trusts Redis again', () => {
      if (children.every((one) => saidAt(one, 'up') > back)) return true;
      throw new Error(children.map(({ lines }) => lines.join(', ')).join('; '));
    });
    const trusted = Math.max(...children.map((one) => saidAt(one, 'up')));
    await sleep(2000);
    for (const one of children) one.process.kill('SIGTERM');
    await Promise.all(children.map((one) => one.line('written')));
    const log: Operation[] = [];
    for (const name of PROCESSES) log.push(...(JSON.parse(await readFile(fileOf(name), 'utf8')) as Operation[]));

    const away = log.filter(({ began }) => began > cut && began < back);
    const failed = log.filter(({ error }) => error !== undefined);
    const stale = staleReads(log);
    // A writer that did not reach Redis yet while others did: they may miss it for the repair interval, and what a busy machine adds.
    const excused = ({ read, missed }: Stale) =>
      missed.ended > cut && missed.began < trusted && read.began - missed.ended < 3 * REPAIR;
    const count = (type: Operation['type'], of = away) => of.filter((one) => one.type === type).length;
    console.log(
      [
        `before and after the outage: ${count('read', log) - count('read')} reads and ${count('write', log) - count('write')} writes, the slowest in ${slowest(log.filter((one) => !away.includes(one)))} ms`,
        `while Redis was away: ${count('read')} reads, ${count('write')} writes, the slowest in ${slowest(away)} ms`,
        `failed: ${failed.length}; stale: ${stale.filter((one) => !excused(one)).length}, and ${stale.filter(excused).length} within the repair interval of a writer that did not reach Redis yet`,
        `from the start of Redis to full trust of all four: ${Math.round(trusted - back)} ms`,
      ].join('\n'),
    );

    expect(count('read')).toBeGreaterThan(100);
    expect(count('write')).toBeGreaterThan(100);
    // Only what was under way when Redis went may fail.
    expect(failed.filter(({ began, ended }) => began > cut || ended < cut)).toEqual([]);
    expect(stale.filter((one) => !excused(one))).toEqual([]);
    expect(slowest(log)).toBeLessThan(FAR_TOO_SLOW);
    const unknown = new Set(failed.filter(({ type }) => type === 'write').map(({ id }) => id));
    const places = KEYS.map((id) => ({ entity: 'note', id }) as const);
    for (const place of places) {
      const acknowledged = log.filter((one) => one.type === 'write' && one.id === place.id && one.n !== undefined);
      expect(new Set(acknowledged.map(({ n }) => n)).size).toBe(acknowledged.length);
      const durable = (await checker.durable(place))!;
      if (unknown.has(place.id)) expect(durable).toBeGreaterThanOrEqual(acknowledged.length);
      else expect(durable).toBe(acknowledged.length);
      subject.history.landed('all', place, durable);
      subject.history.acknowledged('all', place, true);
    }
    await atRest(subject, [checker], places);
  } finally {
    for (const one of children) await one.kill();
    await rm(directory, { recursive: true, force: true });
    await subject.close();
  }
}, 120_000);
