import { packageEntries } from './scripts/package-entries.mjs';

const project = (displayName, options) => ({
  displayName,
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: {
    ...Object.fromEntries(packageEntries().map(({ name, source }) => [`^${name}$`, `<rootDir>/${source}`])),
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  ...options,
});

export default {
  projects: [
    // Needs nothing but Node.
    project('unit', {
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '\\.server\\.test\\.ts$', '<rootDir>/test/packed/'],
    }),
    // Redis, PostgreSQL and MariaDB are found or started, once there is a test of this project to run.
    project('server', {
      testMatch: ['**/*.server.test.ts'],
      globalSetup: '<rootDir>/test/support/global-setup.mjs',
      globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
    }),
    // The package as npm packs it, in projects of its users.
    project('packed', { testMatch: ['<rootDir>/test/packed/**/*.test.ts'] }),
  ],
};
