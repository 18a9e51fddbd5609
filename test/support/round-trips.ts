import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between clients and a server, and counts how often somebody had to wait for the server. */
export interface RoundTrips {
  /** Connect to this port of 127.0.0.1 in place of the server's. */
  readonly port: number;
  /**
   * How many round trips `work` takes: what is sent before an answer to the first of it has come, over however many connections, is one. What others send
   * meanwhile counts too, so that it may be too many, never too few.
   */
  during(work: () => Promise<unknown>): Promise<number>;
  stop(): Promise<void>;
}

/** Answers are held back until nobody has said anything for so long, in milliseconds: whoever still has something to say without them says it. */
const QUIET = 15;

/** Starts counting in front of a server. */
export async function countRoundTrips(target: { readonly host: string; readonly port: number }): Promise<RoundTrips> {
  const sockets = new Set<Socket>();
  let held: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let counting = false;
  let count = 0;

  const release = () => {
    const all = held;
    held = [];
    if (all.length === 0) return;
    count++;
    for (const pass of all) pass();
  };
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(release, QUIET);
  };
  const join = (from: Socket, to: Socket, pass: (chunk: Buffer) => void) => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on('data', pass);
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const listener = createServer((client) => {
    const server = connect({ host: target.host, port: target.port });
    join(client, server, (chunk) => {
      if (counting) heard();
      server.write(chunk);
    });
    join(server, client, (chunk) => {
      if (!counting) return void client.write(chunk);
      held.push(() => client.write(chunk));
      heard();
    });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });

  return {
    port: (listener.address() as AddressInfo).port,
    async during(work) {
      counting = true;
      count = 0;
      try {
        await work();
        return count;
      } finally {
        counting = false;
        release();
      }
    },
    stop() {
      clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
}
