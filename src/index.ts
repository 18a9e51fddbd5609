export { type RepositoryToken, repositoryToken } from './adapters/repository-token.js';
export type { Clock } from './core/clock.js';
export type { Codec } from './core/codec.js';
export type { Duration } from './core/duration.js';
export {
  ClosedError,
  CorruptEntryError,
  EntityExistsError,
  EntityNotFoundError,
  HoldfastError,
  MetadataError,
  type MetadataFault,
  MissingPackageError,
  StoreUnavailableError,
  type TierFailure,
  ValidationError,
  VersionConflictError,
} from './core/errors.js';
export {
  type DriverCapabilities,
  type DriverOptions,
  type FallbackDriver,
  type KeyedChange,
  StoreFault,
  type WriteResult,
} from './core/fallback-driver.js';
export type { HotStore } from './core/hot-store.js';
export type { InvalidationStatus } from './core/invalidation.js';
export type { Logger } from './core/logger.js';
export type { Plain, StorageType } from './core/plain.js';
export type { Health, TierHealth } from './health.js';
export { Holdfast } from './holdfast.js';
export { Flag, Value } from './kinds/flag-decorator.js';
export { GeoSet, Points } from './kinds/geo-set-decorator.js';
export { Items, RedisList, RedisSet } from './kinds/items-decorators.js';
export { RedisHash } from './kinds/redis-hash.js';
export { Members, SortedSet } from './kinds/sorted-set-decorator.js';
export { Cached, CircuitBreaker, Entity, Fallback, Field, Key, Version } from './metadata/decorators.js';
export {
  type DefinedEntity,
  defineEntity,
  type EntityDefinition,
} from './metadata/define-entity.js';
export type {
  BreakerOptions,
  CachedOptions,
  CircuitBreakerOptions,
  EntityOptions,
  FallbackOptions,
  FieldOptions,
  FieldType,
  HotOptions,
  KeyOptions,
  ListOptions,
  MemberOptions,
  MemberType,
  SortedSetOptions,
  ValueOptions,
} from './metadata/options.js';
export {
  type Class,
  type Data,
  type EntityInput,
  type FilledNames,
  type FlagValue,
  type Generated,
  type GeoPoints,
  type KeyOf,
  KeyProps,
  type ListItems,
  type Patch,
  type Point,
  type Scored,
  type SetItems,
  type SortedSetMembers,
} from './metadata/types.js';
export type { FallbackOption, HoldfastOptions } from './options.js';
export type {
  FoundPoint,
  GeoSetBatchRepository,
  GeoSetRepository,
  LengthUnit,
  ListBatchRepository,
  ListRepository,
  MemberOf,
  Paging,
  RangeOf,
  RangeOptions,
  SearchOptions,
  SetBatchRepository,
  SetRepository,
  SortedSetBatchRepository,
  SortedSetRepository,
} from './repository/collection-types.js';
export type {
  Batch,
  BatchRepository,
  BatchSaveOptions,
  FieldsOptions,
  FlagBatchRepository,
  FlagRepository,
  HashBatchRepository,
  HashRepository,
  ReadOptions,
  Repository,
  RepositoryOf,
  Saved,
  SaveOptions,
  WholeOptions,
} from './repository/types.js';
export type { Verification, VerifyOptions } from './verification.js';
