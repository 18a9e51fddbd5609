// The same bot over HTTP: messages of one user are answered one at a time and in their order, however many processes serve.
// With PORT it serves until it is stopped. Without, it calls itself once, and ends. CONTEXTS names the store; in process without.
import fastify, { type FastifyError } from 'fastify';
import { contextStore } from 'holdfast/dialog';
import { actor } from './dialogs/greeting.js';

const db = await contextStore(process.env.CONTEXTS ?? 'memory:', { ttl: '30d', turnLimit: '10s' });

const app = fastify();
app.addHook('onClose', () => db.close());
const statuses: Record<string, number> = { VALIDATION: 400, TURN_EXPIRED: 503, STORE_UNAVAILABLE: 503 };
app.setErrorHandler<FastifyError>((error, _request, reply) =>
  reply.code(statuses[error.code] ?? error.statusCode ?? 500).send({ error: error.message }),
);

interface ByUser {
  Params: { user: string };
}
app.post<ByUser & { Body: { text: string } }>('/users/:user/messages', async ({ params, body }) => {
  const context = await db.turn(params.user, (own) => {
    own.addRequest(body.text);
    return actor(own);
  });
  return { answer: context.lastResponse };
});
app.get<ByUser & { Querystring: { before?: string } }>('/users/:user/messages', ({ params, query }) =>
  db.turns(params.user, { limit: 20, ...(query.before !== undefined && { before: Number(query.before) }) }),
);
app.delete<ByUser>('/users/:user', async ({ params }) => ({ deleted: await db.delete(params.user) }));

const address = await app.listen({ port: Number(process.env.PORT ?? 0) });

if (process.env.PORT) {
  process.once('SIGTERM', () => app.close());
} else {
  const headers = { 'content-type': 'application/json' };
  const say = async (text: string) => {
    const body = JSON.stringify({ text });
    const response = await fetch(`${address}/users/ann/messages`, { method: 'POST', headers, body });
    return (await response.json()) as { answer: string };
  };
  console.log(await say('Hi'));
  // => { answer: 'Hi, how are you?' }
  // An impatient user: both arrive before the first is answered. None of them is lost.
  console.log(await Promise.all([say('fine'), say('fine')]));
  // => [
  // =>   { answer: 'Good. What do you want to talk about?' },
  // =>   { answer: 'Ooops' }
  // => ]
  const turns = (await (await fetch(`${address}/users/ann/messages`)).json()) as { turn: number; request: string }[];
  console.log(turns.map(({ turn, request }) => `${turn} ${request}`));
  // => [ '0 Hi', '1 fine', '2 fine' ]
  console.log(await (await fetch(`${address}/users/ann`, { method: 'DELETE' })).json());
  // => { deleted: true }
  await app.close();
}
