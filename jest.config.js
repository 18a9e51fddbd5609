import { packageEntries } from './scripts/package-entries.mjs';

const project = (displayName, { mapped = {}, ...options }) => ({
  displayName,
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: {
    ...mapped,
    ...Object.fromEntries(packageEntries().map(({ name, source }) => [`^${name}$`, `<rootDir>/${source}`])),
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  ...options,
});

// Redis, PostgreSQL and MariaDB are found or started, once there is a test to run that may need them.
const servers = {
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
};

// Start processes of their own (killed ones, samples, compilers, the demo), or take long.
const processes = [
  '<rootDir>/test/(samples|types)/',
  '<rootDir>/test/bench/demo',
  '<rootDir>/test/fallbacks/(file-(crash|power-cut|lock|disk)|sqlite-crash)',
  '<rootDir>/test/fallbacks/mongodb/(conformance|contexts|faults|process)',
  '<rootDir>/test/fallbacks/datastore/(conformance|contexts|process|races|values)',
  '<rootDir>/test/metadata/standard-decorators',
  '<rootDir>/test/property/documents',
  '<rootDir>/test/values/processes',
];

export default {
  maxWorkers: '100%',
  // A machine under load is slow, not wrong.
  testTimeout: 60_000,
  // ES modules of a test file that has ended stay in memory.
  workerIdleMemoryLimit: '1GB',
  projects: [
    // Needs nothing but Node, and ends in seconds.
    project('unit', {
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '\\.server\\.test\\.ts$', '<rootDir>/test/packed/', ...processes],
    }),
    project('processes', {
      testRegex: processes.map((path) => `${path.replace('<rootDir>', '')}.*(?<!\\.server)\\.test\\.ts$`),
    }),
    project('server', { testMatch: ['**/*.server.test.ts'], ...servers }),
    // What speaks to Redis, on the other major version of its client.
    project('ioredis 6', {
      testMatch: [
        '<rootDir>/test/hot/redis-{single,sentinel,cluster,channel*}.server.test.ts',
        '<rootDir>/test/fallbacks/redis.server.test.ts',
      ],
      mapped: { '^ioredis$': 'ioredis-6' },
      ...servers,
    }),
    // The package as npm packs it, in projects of its users.
    project('packed', { testMatch: ['<rootDir>/test/packed/**/*.test.ts'] }),
  ],
};
