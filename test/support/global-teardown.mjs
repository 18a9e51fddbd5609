/** Stops the servers, or removes from them what the tests made. */
export default async function teardown() {
  await globalThis[Symbol.for('holdfast.test.stopServers')]?.();
}
