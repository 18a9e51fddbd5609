// A web page whose visitors each have values of their own: stored in one tab, retrieved in another, there after a restart.
// With PORT it serves until it is stopped, and VALUES names the file. Without, it calls itself once, and ends.
import { randomBytes, randomUUID } from 'node:crypto';
import cookie from '@fastify/cookie';
import fastify, { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { UserValues, type UserValuesOf } from 'holdfast/values';

const MONTH = 30 * 24 * 3600;
const values = await UserValues.open({
  location: process.env.VALUES ?? null,
  ttl: '30d',
  maxBytes: 10_000,
  maxKeys: 100,
});
// Made at the first start, and the same ever after: sessions live on.
const secret = await values.update<string>(
  'server',
  'cookie secret',
  (made = randomBytes(32).toString('hex')) => made,
  { ttl: null },
);

const app = fastify();
await app.register(cookie, { secret });
app.addHook('onClose', () => values.close());
app.setErrorHandler<FastifyError>((error, _request, reply) =>
  reply.code(error.code === 'VALIDATION' ? 400 : (error.statusCode ?? 500)).send({ error: error.message }),
);
app.addHook('onSend', async (_request, reply) => {
  reply.header('content-security-policy', "default-src 'none'; script-src 'self'; connect-src 'self'");
  reply.header('cache-control', 'no-store');
});

/** The visitor's session, where his cookie is one that we have signed. */
function sessionOf(request: FastifyRequest): string | undefined {
  const { valid, value } = request.unsignCookie(request.cookies.session ?? '');
  return valid ? value : undefined;
}

/** Gives the visitor a session, or the one that he has for another month. */
function keepSession(request: FastifyRequest, reply: FastifyReply): void {
  reply.setCookie('session', sessionOf(request) ?? randomUUID(), {
    signed: true,
    httpOnly: true,
    sameSite: 'lax',
    secure: 'auto',
    path: '/',
    maxAge: MONTH,
  });
}

function valuesOf(request: FastifyRequest): UserValuesOf {
  const session = sessionOf(request);
  if (session === undefined) throw Object.assign(new Error('Open the page first.'), { statusCode: 401 });
  return values.forUser(`session ${session}`);
}

interface ByKey {
  Params: { key: string };
}
app.get('/values', async (request) => ({ keys: await valuesOf(request).keys() }));
app.get<ByKey>('/values/:key', async (request) => ({ value: await valuesOf(request).get(request.params.key) }));
const schema = { body: { type: 'object', required: ['value'] } };
app.put<ByKey & { Body: { value: unknown } }>('/values/:key', { schema }, async (request) => {
  await valuesOf(request).store(request.params.key, request.body.value);
  return { stored: true };
});

app.get('/', (request, reply) => {
  keepSession(request, reply);
  return reply.type('text/html; charset=utf-8').send(`<!doctype html>
<html lang="en">
<title>My values</title>
<h1>My values</h1>
<form id="form">
  <label>Key <input id="key" required maxlength="100"></label>
  <label>Value <input id="value"></label>
  <button id="store">Store</button>
  <button id="retrieve" type="button">Retrieve</button>
</form>
<p><output id="said"></output></p>
<p>Keys: <span id="keys"></span></p>
<script src="/page.js"></script>
</html>`);
});

app.get('/page.js', (_request, reply) =>
  reply.type('text/javascript; charset=utf-8').send(`
const at = (id) => document.getElementById(id);
const call = async (path, options) => {
  const response = await fetch(path, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
};
const place = () => '/values/' + encodeURIComponent(at('key').value);
const say = (run) => async (event) => {
  event.preventDefault();
  at('said').textContent = '';
  try {
    at('said').textContent = await run();
    at('keys').textContent = (await call('/values')).keys.join(', ');
  } catch (error) {
    at('said').textContent = error.message;
  }
};
at('form').addEventListener('submit', say(async () => {
  const body = JSON.stringify({ value: at('value').value });
  await call(place(), { method: 'PUT', headers: { 'content-type': 'application/json' }, body });
  return 'Stored.';
}));
at('retrieve').addEventListener('click', say(async () => {
  const { value } = await call(place());
  return value === undefined ? 'There is no such value.' : value;
}));
`),
);

const address = await app.listen({ port: Number(process.env.PORT ?? 0) });

if (process.env.PORT) {
  process.once('SIGTERM', () => app.close());
} else {
  const opened = await fetch(address);
  const session = opened.headers.get('set-cookie')!;
  console.log(session.replace(/=[^;]+/, '=…').replace(/Max-Age=\d+/, 'Max-Age=…'));
  // => session=…; Max-Age=…; Path=/; HttpOnly; SameSite=Lax
  const call = async (method: string, cookie: string, value?: unknown) => {
    const body = value === undefined ? null : JSON.stringify({ value });
    const headers = { cookie: cookie.split(';')[0]!, ...(body && { 'content-type': 'application/json' }) };
    const response = await fetch(`${address}/values/animal`, { method, headers, body });
    console.log(method, response.status, await response.text());
  };
  await call('PUT', session, 'monkey');
  // => PUT 200 {"stored":true}
  await call('GET', session);
  // => GET 200 {"value":"monkey"}
  await call('GET', (await fetch(address)).headers.get('set-cookie')!);
  // => GET 200 {}
  await call('GET', 'session=forged.signature');
  // => GET 401 {"error":"Open the page first."}
  await app.close();
}
