// People over HTTP: fastify for the routes, tsyringe for the wiring.
// With PORT it serves until it is stopped. Without, it calls itself once, and ends.
import fastify, { type FastifyError } from 'fastify';
import { Entity, Field, Holdfast, Key, type Patch, RedisHash, type RepositoryOf } from 'holdfast';
import { injectRepository, registerHoldfast } from 'holdfast/tsyringe';
import { container, injectable } from 'tsyringe';

@Entity()
@RedisHash({ ttl: '1h' })
class Person {
  @Key() id!: string;
  @Field() name!: string;
  @Field({ type: 'integer' }) age!: number;
}

@injectable()
class People {
  constructor(@injectRepository(Person) private readonly people: RepositoryOf<Person>) {}

  find(id: string): Promise<Person> {
    return this.people.findOrFail(id);
  }

  save(person: Person): Promise<Person> {
    return this.people.save(person);
  }

  change(id: string, patch: Patch<Person>): Promise<Person> {
    return this.people.update(id, patch);
  }

  remove(id: string): Promise<boolean> {
    return this.people.delete(id);
  }
}

// Add `redis` and `fallbacks` here; nothing below changes.
const holdfast = await Holdfast.open({ entities: [Person] });
registerHoldfast(container, holdfast);
const people = container.resolve(People);

const app = fastify();
app.addHook('onClose', () => holdfast.close());
const statuses: Record<string, number> = { ENTITY_NOT_FOUND: 404, VALIDATION: 400, STORE_UNAVAILABLE: 503 };
app.setErrorHandler<FastifyError>((error, _request, reply) =>
  reply.code(statuses[error.code] ?? error.statusCode ?? 500).send({ error: error.message }),
);

interface ById {
  Params: { id: string };
}
app.get<ById>('/people/:id', ({ params }) => people.find(params.id));
app.put<ById & { Body: Omit<Person, 'id'> }>('/people/:id', ({ params, body }) =>
  people.save({ ...body, id: params.id }),
);
app.patch<ById & { Body: Patch<Person> }>('/people/:id', ({ params, body }) => people.change(params.id, body));
app.delete<ById>('/people/:id', async ({ params }) => ({ deleted: await people.remove(params.id) }));

const address = await app.listen({ port: Number(process.env.PORT ?? 0) });

if (process.env.PORT) {
  process.once('SIGTERM', () => app.close());
} else {
  const call = async (method: string, body?: object) => {
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${address}/people/john_doe`, { method, ...(body && json) });
    console.log(method, response.status, await response.text());
  };
  await call('PUT', { name: 'John Doe', age: 33 });
  // => PUT 200 {"name":"John Doe","age":33,"id":"john_doe"}
  await call('PATCH', { age: 34 });
  // => PATCH 200 {"id":"john_doe","name":"John Doe","age":34}
  await call('PATCH', { age: 'old' });
  // => PATCH 400 {"error":"Person.age must be a safe integer, got a string. Give another value, or leave the property out."}
  await call('GET');
  // => GET 200 {"id":"john_doe","name":"John Doe","age":34}
  await call('DELETE');
  // => DELETE 200 {"deleted":true}
  await call('GET');
  // => GET 404 {"error":"Person \"john_doe\" does not exist. Use find() where that is expected, save() or insert() to make it."}
  await app.close();
}
