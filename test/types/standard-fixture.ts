// Compiled with standard decorators by standard-decorators.test.ts; prints what the build in the folder argv[2] makes of it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RedisHash } from '../../src/kinds/redis-hash.js';
import { Entity, Field, Key, Version } from '../../src/metadata/decorators.js';

class Address {
  @Field({ type: 'string' }) zip!: string;
}

@Entity()
@RedisHash({ ttl: '1h' })
class Stored {
  @Key({ type: 'string' }) id!: string;
  @Field({ type: 'date' }) createdAt = new Date(0);
}

@Entity()
class Person extends Stored {
  @Field({ type: String }) name!: string;
  @Field({ type: 'integer' }) age = 1;
  @Field({ type: Address }) address?: Address;
  @Field({ type: 'string' }) accessor nick = 'none';
  @Version() version!: number;
  #secret = 0;
  get secret(): number {
    return ++this.#secret;
  }
}

@Entity()
class Wrong {
  @Field() name!: string;
  @Field({ type: 'string' }) static planet = 'earth';
  // @ts-expect-error a getter cannot be stored
  @Field({ type: 'string' }) get shout(): string {
    return this.name;
  }
}

const load = async (name: string) => import(pathToFileURL(join(process.argv[2]!, name)).href);
const { buildSchemas } = await load('registry.js');
const { createHydrator } = await load('hydrator.js');

const options = { fallbacks: [], hot: true };
const schemas = buildSchemas([Stored, Person], options);
const person = schemas[1];
const values: Record<string, unknown> = { createdAt: 5, name: 'Ann', age: 33, address: '{"zip":"1"}', nick: 'A' };
const row = person.fields.map((field: { name: string }) => values[field.name]);
const entity = createHydrator(person).hydrate({ id: '1', parts: ['1'] }, row) as Person;
let faults: { subject: string; fact: string }[] = [];
try {
  buildSchemas([Wrong], options);
} catch (error) {
  faults = (error as { faults: typeof faults }).faults;
}
const named = (parts: { name: string; type?: string; codec?: { name: string } }[]) =>
  parts.map((part) => [part.name, part.type ?? part.codec?.name]);

console.log(
  JSON.stringify({
    names: schemas.map((schema: { name: string }) => schema.name),
    keys: named(person.keys),
    fields: named(person.fields),
    ttl: person.ttl,
    version: person.version,
    entity: { ...entity, nick: entity.nick, secret: entity.secret },
    instances: [entity instanceof Person, entity.address instanceof Address],
    faults: faults.map(({ subject, fact }) => `${subject}: ${fact}`).sort(),
  }),
);
