import { afterAll, beforeAll, describe } from '@jest/globals';
import { startCluster, startSentinel } from '../support/redis-server.js';
import { mysqlUrl, postgresUrl, redisUrl } from '../support/urls.js';
import { Counter, CounterAlone, EveryType, EveryTypeAlone, Visited, VisitedAlone } from './every-type.js';
import { storeCases } from './store-cases.js';

const homed = { every: EveryType, counter: Counter, visited: Visited };
const alone = { every: EveryTypeAlone, counter: CounterAlone, visited: VisitedAlone } as unknown as typeof homed;
const namespace = `stores_${process.pid}`;
// A machine under load is no outage.
const patient = { timeout: '10s' } as const;

describe.each([
  ['PostgreSQL', postgresUrl],
  ['MariaDB', mysqlUrl],
  ['SQLite', 'sqlite:'],
])('Redis in front of %s', (name, url) => {
  const temporary = name === 'SQLite' ? `sqlite:/tmp/holdfast-stores-${process.pid}.sqlite` : url;
  storeCases({
    entities: homed,
    sharedHot: true,
    transactions: true,
    options: async () => ({
      redis: redisUrl,
      fallbacks: { home: temporary },
      namespace: `${namespace}_${name}`,
      synchronize: true,
      logger: false,
      circuitBreaker: patient,
    }),
  });
});

describe('Redis alone', () => {
  storeCases({
    entities: alone,
    sharedHot: true,
    transactions: true,
    options: async () => ({ redis: redisUrl, namespace: `${namespace}_alone`, logger: false, circuitBreaker: patient }),
  });
});

describe('Redis Cluster', () => {
  let cluster: Awaited<ReturnType<typeof startCluster>>;
  beforeAll(async () => {
    cluster = await startCluster();
  }, 60_000);
  afterAll(() => cluster.stop());

  describe('in front of PostgreSQL', () => {
    storeCases({
      entities: homed,
      sharedHot: true,
      transactions: true,
      options: async () => ({
        redis: { cluster: cluster.nodes },
        fallbacks: { home: postgresUrl },
        namespace: `${namespace}_cluster`,
        synchronize: true,
        logger: false,
        circuitBreaker: patient,
      }),
    });
  });
  describe('alone', () => {
    storeCases({
      entities: alone,
      sharedHot: true,
      transactions: false,
      options: async () => ({
        redis: { cluster: cluster.nodes },
        namespace: `${namespace}_cluster`,
        logger: false,
        circuitBreaker: patient,
      }),
    });
  });
});

describe('Redis by way of Sentinel, in front of PostgreSQL', () => {
  let sentinel: Awaited<ReturnType<typeof startSentinel>>;
  beforeAll(async () => {
    sentinel = await startSentinel();
  }, 60_000);
  afterAll(() => sentinel.stop());
  storeCases({
    entities: homed,
    sharedHot: true,
    transactions: true,
    options: async () => ({
      redis: { sentinels: sentinel.sentinels, name: sentinel.name },
      fallbacks: { home: postgresUrl },
      namespace: `${namespace}_sentinel`,
      synchronize: true,
      logger: false,
      circuitBreaker: patient,
    }),
  });
});
