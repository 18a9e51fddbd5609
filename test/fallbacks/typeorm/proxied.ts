import { startProxy, type TcpProxy } from '../../support/tcp-proxy.js';

/** The same URL by way of a proxy, which can disturb the link. */
export async function proxied(url: string, port: number): Promise<{ readonly proxy: TcpProxy; readonly url: string }> {
  const own = new URL(url);
  const proxy = await startProxy({ host: own.hostname, port: Number(own.port || port) });
  own.hostname = '127.0.0.1';
  own.port = String(proxy.port);
  return { proxy, url: own.href };
}
