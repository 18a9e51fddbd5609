import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a server and disturbs their link. */
export interface TcpProxy {
  /** Connect to this port of 127.0.0.1 in place of the server's. */
  readonly port: number;
  /** Breaks every connection, and every new one at once, until `resume()`. */
  cut(): void;
  /**
   * Accepts and never answers, until `resume()`, which passes on what was held back. `'replies'`: what the client sends
   * still arrives, only the answers are held back.
   */
  stall(what?: 'all' | 'replies'): void;
  /** Passes everything on, as at the start. */
  resume(): void;
  stop(): Promise<void>;
}

/** Starts a proxy in front of a server. */
export async function startProxy(target: { readonly host?: string; readonly port: number }): Promise<TcpProxy> {
  const links = new Set<{ readonly client: Socket; readonly server: Socket }>();
  let mode: 'pass' | 'cut' | 'all' | 'replies' = 'pass';

  const apply = ({ client, server }: { client: Socket; server: Socket }) => {
    if (mode === 'all') client.pause();
    else client.resume();
    if (mode === 'pass') server.resume();
    else server.pause();
  };
  const listener = createServer((client) => {
    if (mode === 'cut') {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const server = connect({ host: target.host ?? '127.0.0.1', port: target.port });
    const link = { client, server };
    links.add(link);
    join(client, server, () => mode === 'pass' || mode === 'replies');
    join(server, client, () => mode === 'pass');
    client.once('close', () => links.delete(link));
    apply(link);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });

  const breakAll = () => {
    for (const { client, server } of links) {
      client.resetAndDestroy();
      server.destroy();
    }
    links.clear();
  };
  const change = (next: typeof mode) => {
    mode = next;
    for (const link of links) apply(link);
  };
  return {
    port: (listener.address() as AddressInfo).port,
    cut() {
      mode = 'cut';
      breakAll();
    },
    stall: (what = 'all') => change(what),
    resume: () => change('pass'),
    stop() {
      breakAll();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
}

/** Passes on from one socket to the other, no faster than the other takes it. */
function join(from: Socket, to: Socket, open: () => boolean): void {
  from.setNoDelay(true);
  from.on('data', (chunk) => {
    if (to.write(chunk)) return;
    from.pause();
    to.once('drain', () => open() && from.resume());
  });
  from.on('error', () => undefined);
  from.on('close', (failed) => (failed ? to.destroy() : to.end()));
}
