import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';
import { startSample } from './sample-process.js';

// Nest ends its process by the signal itself, once it has shut down.
describe.each([
  ['04-http-tsyringe.ts', 0],
  ['05-http-nestjs.ts', null],
])('%s as a server', (sample, exitCode) => {
  test('serves at PORT until SIGTERM, then ends by itself', async () => {
    const port = await freePort();
    const server = startSample(fileURLToPath(new URL(`../../samples/${sample}`, import.meta.url)), {
      PORT: String(port),
    });
    const person = `http://127.0.0.1:${port}/people/ann`;
    try {
      await until('the sample answers', async () => (await fetch(person)).status === 404);
      const headers = { 'content-type': 'application/json' };
      const put = await fetch(person, { method: 'PUT', headers, body: JSON.stringify({ name: 'Ann', age: 40 }) });
      expect(put.status).toBe(200);
      expect(await (await fetch(person)).json()).toEqual({ id: 'ann', name: 'Ann', age: 40 });
      const wrong = await fetch(person, { method: 'PUT', headers, body: JSON.stringify({ name: 'Ann', age: 'x' }) });
      expect(wrong.status).toBe(400);
      expect(await (await fetch(person, { method: 'DELETE' })).json()).toEqual({ deleted: true });
    } finally {
      server.kill('SIGTERM');
    }
    expect(await server.ended).toEqual({ stdout: '', stderr: '', code: exitCode });
  }, 120_000);
});
