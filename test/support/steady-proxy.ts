import { once } from 'node:events';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';

/** Stands between clients and a server, and keeps the clients' connections while the server is another one. */
export interface SteadyProxy {
  /** Connect to this port of 127.0.0.1 in place of the server's. */
  readonly port: number;
  /** From now on nothing that clients send goes on, and the server may go away; clients notice nothing, new ones neither. */
  hold(): void;
  /** Connects to the server anew, and passes on what was held back. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a proxy in front of a server on this machine. What the server keeps of a connection, as its database, is not kept. */
export async function startSteadyProxy(target: { readonly port: number }): Promise<SteadyProxy> {
  const servers = new Map<Socket, Socket>();
  let held = false;
  const reach = async (client: Socket): Promise<void> => {
    const server = connect({ host: '127.0.0.1', port: target.port });
    server.on('error', () => undefined);
    servers.set(client, server);
    await once(server, 'connect');
    server.setNoDelay(true);
    server.on('data', (chunk) => client.write(chunk));
  };
  const listener = createServer({ pauseOnConnect: true }, (client) => {
    client.setNoDelay(true);
    client.on('error', () => undefined);
    client.on('data', (chunk) => servers.get(client)!.write(chunk));
    client.on('close', () => {
      servers.get(client)?.destroy();
      servers.delete(client);
    });
    if (held) servers.set(client, new Socket());
    else
      void reach(client).then(
        () => held || client.resume(),
        () => client.destroy(),
      );
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    hold() {
      held = true;
      for (const client of servers.keys()) client.pause();
    },
    async resume() {
      held = false;
      for (const [client, server] of [...servers]) {
        server.destroy();
        await reach(client);
        client.resume();
      }
    },
    stop() {
      for (const client of servers.keys()) client.destroy();
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
}
