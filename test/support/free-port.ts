import { createServer } from 'node:net';

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

/** A port of 127.0.0.1 on which nobody listens. Another process may take it before you do: try again with another one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
}
