import { rm } from 'node:fs/promises';
import { describe } from '@jest/globals';
import { sqliteDatabases } from '../fallbacks/typeorm/databases.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';
import { NAMESPACE } from './namespace.js';
import { type RedisSubject, redisSubject } from './redis-subject.js';
import { type Evicting, evictionCases, type Refusal, type Refusing, refusalCases } from './refusal-cases.js';

/** How Redis comes to answer reads and refuse writes, and how it ends. */
interface Way {
  begin(subject: RedisSubject): Promise<unknown>;
  end(subject: RedisSubject): Promise<unknown>;
}

const WAYS: Readonly<Record<Refusal, Way>> = {
  'READONLY, since it was made a replica': {
    begin: async ({ raw }) => raw.replicaof('127.0.0.1', await freePort()),
    end: ({ raw }) => raw.replicaof('NO', 'ONE'),
  },
  'NOREPLICAS, for want of replicas': {
    begin: ({ raw }) => raw.config('SET', 'min-replicas-to-write', '1'),
    end: ({ raw }) => raw.config('SET', 'min-replicas-to-write', '0'),
  },
  'MISCONF, since it cannot save': {
    async begin({ raw, server }) {
      await raw.config('SET', 'save', '3600 1');
      await rm(server.dir, { recursive: true });
      await raw.bgsave();
      await until('saving has failed', async () => (await raw.info('persistence')).includes('last_bgsave_status:err'));
    },
    end: ({ raw }) => raw.config('SET', 'save', ''),
  },
  'OOM, for want of memory': {
    begin: ({ raw }) => raw.config('SET', 'maxmemory', '1'),
    end: ({ raw }) => raw.config('SET', 'maxmemory', '0'),
  },
};

async function refusing(): Promise<Refusing> {
  const subject = await redisSubject({ databases: sqliteDatabases() });
  return {
    subject,
    begin: (how) => WAYS[how].begin(subject),
    end: (how) => WAYS[how].end(subject),
    lies: async (id) => Number(await subject.raw.hget(`${NAMESPACE}:note:{${id}}`, 'n')),
  };
}

async function evicting(): Promise<Evicting> {
  const subject = await redisSubject({ databases: sqliteDatabases() });
  const { raw } = subject;
  const figure = async (section: string, name: string) =>
    Number(new RegExp(`${name}:(\\d+)`).exec(await raw.info(section))![1]);
  const evicted = () => figure('stats', 'evicted_keys');
  let fillers = 0;
  return {
    subject,
    async shrink() {
      await raw.config('SET', 'maxmemory-policy', 'allkeys-lru');
      await raw.config('SET', 'maxmemory', (await figure('memory', 'used_memory')) + 300_000);
    },
    async press() {
      const before = await evicted();
      await until('something is evicted', async () => {
        await raw.set(`filler ${fillers++}`, 'x'.repeat(20_000));
        return (await evicted()) > before + 20;
      });
    },
    grow: () => raw.config('SET', 'maxmemory', 0),
  };
}

describe('On Redis and SQLite,', () => {
  refusalCases(refusing);
  evictionCases(evicting);
});
