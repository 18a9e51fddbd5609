// People over HTTP, in NestJS. With PORT it serves until it is stopped. Without, it calls itself once, and ends.
import {
  type ArgumentsHost,
  Body,
  Catch,
  Controller,
  Delete,
  type ExceptionFilter,
  Get,
  Module,
  Param,
  Patch,
  Put,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Entity, Field, HoldfastError, Key, type Patch as PatchOf, RedisHash, type RepositoryOf } from 'holdfast';
import { HoldfastModule, InjectRepository } from 'holdfast/nestjs';

@Entity()
@RedisHash({ ttl: '1h' })
class Person {
  @Key() id!: string;
  @Field() name!: string;
  @Field({ type: 'integer' }) age!: number;
}

@Controller('people')
class PeopleController {
  constructor(@InjectRepository(Person) private readonly people: RepositoryOf<Person>) {}

  @Get(':id')
  find(@Param('id') id: string): Promise<Person> {
    return this.people.findOrFail(id);
  }

  @Put(':id')
  save(@Param('id') id: string, @Body() body: Omit<Person, 'id'>): Promise<Person> {
    return this.people.save({ ...body, id });
  }

  @Patch(':id')
  change(@Param('id') id: string, @Body() patch: PatchOf<Person>): Promise<Person> {
    return this.people.update(id, patch);
  }

  @Delete(':id')
  async remove(@Param('id') id: string): Promise<{ deleted: boolean }> {
    return { deleted: await this.people.delete(id) };
  }
}

const statuses: Record<string, number> = { ENTITY_NOT_FOUND: 404, VALIDATION: 400, STORE_UNAVAILABLE: 503 };

@Catch(HoldfastError)
class HoldfastErrors implements ExceptionFilter<HoldfastError> {
  catch(error: HoldfastError, host: ArgumentsHost) {
    const response = host.switchToHttp().getResponse();
    response.status(statuses[error.code] ?? 500).json({ error: error.message });
  }
}

@Module({ imports: [HoldfastModule.forFeature([Person])], controllers: [PeopleController] })
class PeopleModule {}

// Add `redis` and `fallbacks` here; nothing above changes. The entities come from forFeature().
@Module({ imports: [HoldfastModule.forRoot(), PeopleModule] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
app.useGlobalFilters(new HoldfastErrors());
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT ?? 0));

if (!process.env.PORT) {
  const address = await app.getUrl();
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
