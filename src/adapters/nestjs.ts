import 'reflect-metadata';
import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { type Class, Holdfast, type HoldfastOptions, ValidationError } from '../index.js';
import type { ParameterInjector, PropertyInjector } from './repository-injector.js';
import { repositoryToken } from './repository-token.js';

/** What `HoldfastModule.forRoot` takes: the options of `Holdfast.open`; the entities of every `forFeature` are added. */
export interface HoldfastModuleOptions extends Omit<HoldfastOptions, 'entities'> {
  readonly entities?: HoldfastOptions['entities'];
}

/** Options that other providers give: `inject` are the arguments of `useFactory`, `imports` the modules they come from. */
export type HoldfastModuleAsyncOptions = Pick<FactoryProvider<HoldfastModuleOptions>, 'inject' | 'useFactory'> &
  Pick<ModuleMetadata, 'imports'>;

const OPTIONS = Symbol('options of HoldfastModule.forRoot()');
const FEATURE = Symbol('entities of HoldfastModule.forFeature()');
// Beside the class itself, for its description: Nest shows it where forFeature() finds no forRoot().
const OPENED = Symbol('Holdfast, opened by HoldfastModule.forRoot() in the root module');

/** Opens the holdfast of one application, and closes it with the application. */
@Injectable()
class HoldfastOpener implements OnApplicationShutdown {
  readonly #discovery: DiscoveryService;
  readonly #options: HoldfastModuleOptions;
  #opened: Holdfast | undefined;

  constructor(@Inject(DiscoveryService) discovery: DiscoveryService, @Inject(OPTIONS) options: HoldfastModuleOptions) {
    this.#discovery = discovery;
    this.#options = options;
  }

  async open(): Promise<Holdfast> {
    if (this.#values(OPTIONS).length > 1)
      throw new ValidationError(
        'HoldfastModule is imported twice with forRoot() or forRootAsync(), which would open two holdfasts that do not see each other. Keep the one of the root module; forFeature() does for the others.',
      );
    // Nest knows every module before it builds the first provider, so this sees the entities of all of them, and of no
    // other application.
    const features = this.#values(FEATURE) as (readonly Class<object>[])[];
    const entities = new Set([...(this.#options.entities ?? []), ...features.flat()]);
    this.#opened = await Holdfast.open({ ...this.#options, entities: [...entities] });
    return this.#opened;
  }

  // Not onModuleDestroy: requests under way, and other modules' own shutdown, may still need it.
  async onApplicationShutdown(): Promise<void> {
    await this.#opened?.close();
  }

  #values(token: symbol): unknown[] {
    const providers = this.#discovery.getProviders().filter((provider) => provider.token === token);
    return providers.map((provider) => provider.instance as unknown);
  }
}

@Module({})
class HoldfastRootModule {}

/**
 * Holdfast in a Nest application: opened once, in the root module; each module names the entities that it uses. `Holdfast`
 * itself can be injected everywhere. It is closed in `onApplicationShutdown`, which `app.close()` calls, and signals do after
 * `app.enableShutdownHooks()`.
 *
 * @example
 * @Module({ imports: [HoldfastModule.forRoot({ redis: 'redis://localhost:6379' }), PeopleModule] })
 * class AppModule {}
 *
 * @Module({ imports: [HoldfastModule.forFeature([Person])], providers: [PeopleService] })
 * class PeopleModule {}
 *
 * @Injectable()
 * class PeopleService {
 *   constructor(@InjectRepository(Person) private readonly people: RepositoryOf<Person>) {}
 * }
 */
@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: a Nest module is a class
export class HoldfastModule {
  /**
   * Opens the holdfast of the application, with the entities of every `forFeature`. `entities` need to name only those of
   * modules that are loaded lazily. What `Holdfast.open` throws is what creating the application throws.
   */
  static forRoot(options: HoldfastModuleOptions = {}): DynamicModule {
    return rootModule({ provide: OPTIONS, useFactory: () => options }, []);
  }

  /**
   * As {@link forRoot}, with options that other providers give.
   *
   * @example
   * HoldfastModule.forRootAsync({
   *   imports: [ConfigModule],
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ redis: config.getOrThrow('REDIS_URL') }),
   * })
   */
  static forRootAsync({ imports = [], inject = [], useFactory }: HoldfastModuleAsyncOptions): DynamicModule {
    return rootModule({ provide: OPTIONS, inject, useFactory }, imports);
  }

  /** Makes the repositories of entities injectable in the module that imports it. @throws ValidationError for what is no class */
  static forFeature(entities: readonly Class<object>[]): DynamicModule {
    const repositories = entities.map((entity) => ({
      provide: repositoryToken(entity),
      inject: [OPENED],
      useFactory: (holdfast: Holdfast) => holdfast.repository(entity),
    }));
    return {
      module: HoldfastModule,
      providers: [{ provide: FEATURE, useValue: entities }, ...repositories],
      exports: repositories.map(({ provide }) => provide),
    };
  }
}

function rootModule(options: FactoryProvider, imports: NonNullable<ModuleMetadata['imports']>): DynamicModule {
  const holdfast = {
    provide: Holdfast,
    inject: [HoldfastOpener],
    useFactory: (opener: HoldfastOpener) => opener.open(),
  };
  return {
    module: HoldfastRootModule,
    global: true,
    imports: [...imports, DiscoveryModule],
    providers: [options, HoldfastOpener, holdfast, { provide: OPENED, useExisting: Holdfast }],
    exports: [Holdfast, OPENED],
  };
}

/**
 * Injects the repository of an entity class into a constructor's parameter, or a property.
 *
 * @throws ValidationError for what is no class
 */
export function InjectRepository<E>(entity: Class<E>): ParameterInjector<E> & PropertyInjector<E> {
  return Inject(repositoryToken(entity)) as ParameterInjector<E> & PropertyInjector<E>;
}
