// Jest loads this file untransformed; what it does is TypeScript.
import '../../scripts/typescript.mjs';

/** Finds or starts the servers of the tests that are named *.server.test.ts. */
export default async function setup() {
  // Should this end before it is done, nobody may take that for a run in which all is well.
  process.exitCode = 1;
  const { provideServers } = await import('./test-servers.ts');
  globalThis[Symbol.for('holdfast.test.stopServers')] = await provideServers();
  process.exitCode = undefined;
}
