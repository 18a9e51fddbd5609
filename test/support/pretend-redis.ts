import { createServer, type Server } from 'node:net';

/** A server that answers INFO with a text, and everything else with OK; `commands` are those that it was sent. */
export async function pretendRedis(
  info: string,
  port = 0,
): Promise<{ server: Server; port: number; commands: string[] }> {
  const commands: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const command of String(chunk).split(/(?=\*\d+\r\n)/)) {
        commands.push(command);
        if (/\binfo\b/i.test(command)) socket.write(`$${info.length}\r\n${info}\r\n`);
        else if (/\bhello\b/i.test(command)) socket.write('%1\r\n$5\r\nproto\r\n:3\r\n');
        else socket.write('+OK\r\n');
      }
    });
  });
  const listening = await new Promise<number>((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  return { server, port: listening, commands };
}
