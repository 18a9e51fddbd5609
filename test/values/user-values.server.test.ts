import { afterAll, beforeAll, describe } from '@jest/globals';
import { Holdfast } from 'holdfast';
import { userValueEntities } from 'holdfast/values';
import { mysqlUrl, namespace, postgresUrl, redisUrl } from '../support/urls.js';
import { sleeping, valueCases } from './value-cases.js';

const prefix = `${namespace}_values`;

describe.each([
  ['Redis', redisUrl],
  ['PostgreSQL', postgresUrl],
  ['MariaDB', mysqlUrl],
])('in %s', (_, location) => {
  valueCases({
    options: () => ({ location, namespace: prefix, logger: false }),
    lasts: true,
    pass: sleeping,
  });
});

describe.each([
  ['PostgreSQL', postgresUrl],
  ['MariaDB', mysqlUrl],
])('in Redis in front of %s', (name, home) => {
  let holdfast: Holdfast;
  beforeAll(async () => {
    holdfast = await Holdfast.open({
      entities: userValueEntities({ fallback: 'home' }),
      redis: redisUrl,
      fallbacks: { home },
      namespace: `${prefix}_${name}`,
      synchronize: true,
      logger: false,
      circuitBreaker: { timeout: '10s' },
    });
  });
  afterAll(() => holdfast?.close());
  valueCases({ options: () => ({ location: holdfast }), lasts: true, pass: sleeping });
});
