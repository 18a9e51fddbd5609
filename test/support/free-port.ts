import { mkdir, stat, utimes } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

// Below the range that the kernel takes the ports of outgoing connections from, which could take a port between this
// check and the start of the server it was found for.
const FIRST = 20_000;
const COUNT = 10_000;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

// Who stops a server and starts it again needs its port all the while.
const CLAIMS = path.join(tmpdir(), 'holdfast-test-ports');
const CLAIMED_FOR = 3_600_000;

/** Claims the port, unless another test of this machine has in the last hour. */
async function claims(port: number): Promise<boolean> {
  const claim = path.join(CLAIMS, String(port));
  await mkdir(CLAIMS, { recursive: true });
  const made = await mkdir(claim).then(
    () => true,
    () => false,
  );
  if (made) return true;
  if (Date.now() - (await stat(claim)).mtimeMs < CLAIMED_FOR) return false;
  await utimes(claim, new Date(), new Date());
  return true;
}

/**
 * A port of 127.0.0.1 on which nobody listens, and that no other test is given. Another process may take it before you do: try again
 * with another one.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if ((await isFree(port)) && (await claims(port))) return port;
  }
}
