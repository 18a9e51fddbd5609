import 'reflect-metadata';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Inject, Injectable, Module, type ModuleMetadata, type OnApplicationShutdown } from '@nestjs/common';
import { LazyModuleLoader, NestFactory } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { HoldfastModule, InjectRepository } from '../../src/adapters/nestjs.js';
import { repositoryToken } from '../../src/adapters/repository-token.js';
import {
  ClosedError,
  Entity,
  Field,
  type HashRepository,
  Holdfast,
  Key,
  MetadataError,
  type RepositoryOf,
} from '../../src/index.js';
import { City, OtherPerson, Person } from './people.js';

@Injectable()
class PeopleService {
  @InjectRepository(Person) readonly same!: RepositoryOf<Person>;
  constructor(
    @InjectRepository(Person) readonly people: RepositoryOf<Person>,
    readonly holdfast: Holdfast,
  ) {}
}

@Injectable()
class CityService {
  constructor(
    @InjectRepository(City) readonly cities: RepositoryOf<City>,
    @InjectRepository(Person) readonly mayors: RepositoryOf<Person>,
  ) {}
}

@Module({ imports: [HoldfastModule.forFeature([Person])], providers: [PeopleService] })
class PeopleModule {}

@Module({ imports: [HoldfastModule.forFeature([City, Person])], providers: [CityService] })
class CityModule {}

const started: TestingModule[] = [];
afterEach(async () => {
  for (const app of started.splice(0)) await app.close();
});

async function start(imports: NonNullable<ModuleMetadata['imports']>, more: ModuleMetadata = {}) {
  const app = await Test.createTestingModule({ imports, ...more }).compile();
  started.push(app);
  return app.init();
}

describe('HoldfastModule', () => {
  test('has repositories and the holdfast injected, with the entities of forFeature opened by forRoot', async () => {
    const app = await start([HoldfastModule.forRoot(), PeopleModule]);
    const { people, same, holdfast } = app.get(PeopleService);
    await people.save({ id: 'ann', name: 'Ann' });
    expect(await holdfast.repository(Person).find('ann')).toEqual({ id: 'ann', name: 'Ann' });
    expect(same).toBe(people);
    expect(app.get(Holdfast)).toBe(holdfast);
    expect(holdfast.entities).toEqual([Person]);
  });

  test('opens one holdfast for all modules, whatever their order, with each entity once', async () => {
    const app = await start([PeopleModule, HoldfastModule.forRoot({ entities: [Person] }), CityModule]);
    expect(new Set(app.get(Holdfast).entities)).toEqual(new Set([Person, City]));
    expect(app.get(Holdfast).entities).toHaveLength(2);
    expect(app.get(CityService).mayors).toBe(app.get(PeopleService).people);
  });

  test('leaves the entities of another application in the same process alone', async () => {
    await start([HoldfastModule.forRoot(), CityModule]);
    expect((await start([HoldfastModule.forRoot(), PeopleModule])).get(Holdfast).entities).toEqual([Person]);
  });

  test('gives two applications of one module a holdfast each', async () => {
    const root = HoldfastModule.forRoot();
    const [first, second] = [await start([root, PeopleModule]), await start([root, PeopleModule])];
    await first.get(PeopleService).people.save({ id: 'ann', name: 'Ann' });
    await first.close();
    expect(await second.get(PeopleService).people.find('ann')).toBeUndefined();
  });

  test('gives the repository, typed, under the token of its class', async () => {
    const app = await start([HoldfastModule.forRoot(), PeopleModule]);
    const people: HashRepository<Person> = app.get(repositoryToken(Person));
    expect(people).toBe(app.get(PeopleService).people);
  });

  test('keeps classes of one name apart', async () => {
    const app = await start([HoldfastModule.forRoot(), HoldfastModule.forFeature([Person, OtherPerson])]);
    expect(app.get(repositoryToken(OtherPerson))).not.toBe(app.get(repositoryToken(Person)));
    expect(app.get(Holdfast).entities).toEqual([Person, OtherPerson]);
  });

  test('waits for options that other providers give', async () => {
    @Module({ providers: [{ provide: 'config', useFactory: async () => ({ cities: true }) }], exports: ['config'] })
    class ConfigModule {}
    const given: unknown[] = [];
    const options = HoldfastModule.forRootAsync({
      imports: [ConfigModule],
      inject: ['config'],
      useFactory: async (config: object) => {
        given.push(config);
        return { entities: [City] };
      },
    });
    const app = await start([options, PeopleModule]);
    expect(given).toEqual([{ cities: true }]);
    expect(app.get(Holdfast).entities).toEqual([City, Person]);
  });

  test('opens entities that only a module loaded later uses, where forRoot lists them', async () => {
    const app = await start([HoldfastModule.forRoot({ entities: [Person, City] })]);
    const later = await app.get(LazyModuleLoader).load(() => CityModule);
    expect(later.get(CityService).cities).toBe(app.get(Holdfast).repository(City));
  });

  test('closes after the shutdown of the modules that use it', async () => {
    let lastWords: unknown;
    @Injectable()
    class Last implements OnApplicationShutdown {
      constructor(@InjectRepository(Person) private readonly people: RepositoryOf<Person>) {}
      async onApplicationShutdown() {
        lastWords = await this.people.save({ id: 'ann', name: 'Ann' });
      }
    }
    const imports = [HoldfastModule.forRoot(), HoldfastModule.forFeature([Person])];
    const app = await Test.createTestingModule({ imports, providers: [Last] }).compile();
    const holdfast = app.get(Holdfast);
    await app.close();
    expect(lastWords).toEqual({ id: 'ann', name: 'Ann' });
    await expect(holdfast.repository(Person).find('ann')).rejects.toThrow(ClosedError);
  });

  test('takes a repository of the test instead of its own', async () => {
    const fake = { find: async () => ({ id: 'fake', name: 'Fake' }) };
    const module = Test.createTestingModule({ imports: [HoldfastModule.forRoot(), PeopleModule] });
    const app = await module.overrideProvider(repositoryToken(Person)).useValue(fake).compile();
    started.push(app);
    expect(app.get(PeopleService).people).toBe(fake);
  });

  test('takes a holdfast of the test instead of its own, and leaves closing it to the test', async () => {
    await using own = await Holdfast.open({ entities: [Person] });
    const module = Test.createTestingModule({
      imports: [HoldfastModule.forRoot({ redis: 'not a URL' }), PeopleModule],
    });
    const app = await module.overrideProvider(Holdfast).useValue(own).compile();
    await app.close();
    expect(await app.get(PeopleService).people.find('ann')).toBeUndefined();
  });
});

describe('an application that cannot start', () => {
  test('throws the MetadataError of open() itself', async () => {
    @Entity()
    class Kindless {
      @Key() id!: string;
      @Field() name!: string;
    }
    const starting = start([HoldfastModule.forRoot(), PeopleModule, HoldfastModule.forFeature([Kindless])]);
    const error = await starting.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(MetadataError);
    expect((error as MetadataError).faults).toEqual([
      expect.objectContaining({ subject: 'Kindless', fact: 'has no kind.' }),
    ]);
  });

  test('throws what the factory of the options threw', async () => {
    const failed = new Error('no configuration');
    const options = HoldfastModule.forRootAsync({ useFactory: () => Promise.reject(failed) });
    await expect(start([options, PeopleModule])).rejects.toBe(failed);
  });

  test('says of an entity without forFeature which one it is and where to list it', async () => {
    const starting = start([HoldfastModule.forRoot(), PeopleModule], { providers: [CityService] });
    await expect(starting).rejects.toThrow(
      /CityService.*repository of City: list City in .*HoldfastModule\.forFeature\(\)/,
    );
  });

  test('says of forFeature without forRoot what is missing', async () => {
    const starting = start([HoldfastModule.forFeature([Person])]);
    await expect(starting).rejects.toThrow(
      /repository of Person.*Symbol\(Holdfast, opened by HoldfastModule\.forRoot\(\) in the root module/,
    );
  });

  test('says that forRoot stands twice', async () => {
    const starting = start([
      HoldfastModule.forRoot(),
      HoldfastModule.forRootAsync({ useFactory: () => ({}) }),
      PeopleModule,
    ]);
    await expect(starting).rejects.toThrow(/forRoot\(\) or forRootAsync\(\).*Keep the one of the root module/);
  });

  test('says of a module loaded later that its entity was not opened', async () => {
    const app = await start([HoldfastModule.forRoot(), PeopleModule]);
    await expect(app.get(LazyModuleLoader).load(() => CityModule)).rejects.toThrow(
      /City is not an entity of this holdfast.*'entities'/,
    );
  });

  test('throws also from NestFactory', async () => {
    @Module({ imports: [HoldfastModule.forRoot({ fallbacks: {}, redis: false }), PeopleModule] })
    class AppModule {}
    const starting = NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    await expect(starting).rejects.toThrow(MetadataError);
  });
});

describe('InjectRepository', () => {
  test('does not compile on a parameter or property of another type', () => {
    class Wrong {
      // @ts-expect-error: the repository of another class
      @InjectRepository(City) readonly property!: RepositoryOf<Person>;
      @InjectRepository(City) private readonly hidden!: RepositoryOf<City>;
      constructor(
        // @ts-expect-error: the repository of another class
        @InjectRepository(City) readonly people: RepositoryOf<Person>,
        @InjectRepository(City) readonly cities: RepositoryOf<City>,
        @Inject('something') readonly other: RepositoryOf<Person>,
      ) {
        void this.hidden;
      }
    }
    expect(Wrong.length).toBe(3);
  });

  test('says of a class that is undefined where that comes from', () => {
    const missing = undefined as unknown as typeof Person;
    expect(() => InjectRepository(missing)).toThrow(/modules that import each other/);
    expect(() => HoldfastModule.forFeature([missing])).toThrow(/modules that import each other/);
  });
});
