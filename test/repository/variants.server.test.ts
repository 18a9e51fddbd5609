import { describe } from '@jest/globals';
import { mysqlUrl, postgresUrl, redisUrl } from '../support/urls.js';
import { variantsCases } from './variants-cases.js';

const namespace = `variants_${process.pid}`;

describe('Redis alone', () => {
  variantsCases({ homed: false, options: async () => ({ redis: redisUrl, namespace }) });
});

describe.each([
  ['PostgreSQL', postgresUrl],
  ['MariaDB', mysqlUrl],
])('Redis in front of %s', (name, url) => {
  variantsCases({
    homed: true,
    options: async () => ({
      redis: redisUrl,
      namespace: `${namespace}_${name}`,
      fallbacks: { home: url },
      synchronize: true,
    }),
  });
});
