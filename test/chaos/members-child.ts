// Run by members.server.test.ts: adds members of its own to one set and removes some of them, and adds to the score of one member of
// another set that all share. Tells what was acknowledged.
//   members-child.ts REDIS DATABASE NAMESPACE NAME CALLS
import { Holdfast } from '../../src/index.js';
import { Crowd } from './crowd.js';

const WORKERS = 4;

async function main(redis: string, database: string, namespace: string, name: string, calls: number): Promise<void> {
  const holdfast = await Holdfast.open({
    entities: [Crowd],
    redis,
    fallbacks: { home: database },
    synchronize: false,
    namespace,
    // As the test's own has it: a step on Redis that is given up makes the set cold.
    circuitBreaker: { timeout: '30s' },
    logger: false,
  });
  const crowds = holdfast.repository(Crowd);
  const mine = new Map<string, number>();
  let shared = 0;
  const work = async (worker: number) => {
    for (let call = 0; call < calls; call++) {
      const member = `${name}.${worker}.${call % 7}`;
      if (call % 3 === 2) {
        await crowds.remove('own', member);
        mine.delete(member);
      } else {
        await crowds.add('own', { member, score: call });
        mine.set(member, call);
      }
      if (call % 10 > 0) continue;
      await crowds.incrementScore('shared', 'all');
      shared++;
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)));
  await holdfast.close();
  console.log(`acknowledged ${JSON.stringify({ mine: [...mine], shared })}`);
}

const [redis, database, namespace, name, calls] = process.argv.slice(2) as [string, string, string, string, string];
await main(redis, database, namespace, name, Number(calls));
