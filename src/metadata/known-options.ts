import { describe } from '../core/codecs.js';
import type { FaultList } from './faults.js';
import type {
  BreakerOptions,
  CachedOptions,
  CircuitBreakerOptions,
  EntityOptions,
  FallbackOptions,
  FieldOptions,
  HotOptions,
  KeyOptions,
  ListOptions,
  MemberOptions,
  SortedSetOptions,
  ValueOptions,
} from './options.js';

type Names<T> = Readonly<Record<keyof T, true>>;

const breaker: Names<BreakerOptions> = {
  errorThresholdPercentage: true,
  volumeThreshold: true,
  resetTimeout: true,
  timeout: true,
  isFault: true,
};
const hot: Names<HotOptions> = { ttl: true, absentTtl: true, jitter: true };
const sortedSet: Names<SortedSetOptions> = { ...hot, maxSize: true };
const list: Names<ListOptions> = { ...hot, maxLength: true };
const entity: Names<EntityOptions> = { name: true, by: true, variants: true, create: true };
const fallback: Names<FallbackOptions & { name: string }> = { name: true, through: true, write: true };
const cached: Names<CachedOptions> = { max: true, ttl: true, jitter: true, staleIfError: true, store: true };
const breakers: Names<CircuitBreakerOptions> = { ...breaker, hot: true, durable: true };
const key: Names<KeyOptions> = { type: true, generate: true, name: true };
const field: Names<FieldOptions> = {
  type: true,
  nullable: true,
  name: true,
  default: true,
  length: true,
  index: true,
};
const value: Names<ValueOptions> = { name: true };
const member: Names<MemberOptions> = { type: true, name: true };

const KNOWN: ReadonlyMap<string, object> = new Map<string, object>(
  Object.entries({
    Entity: entity,
    RedisHash: hot,
    Flag: hot,
    SortedSet: sortedSet,
    GeoSet: hot,
    RedisList: list,
    RedisSet: hot,
    Fallback: fallback,
    Cached: cached,
    CircuitBreaker: breakers,
    Key: key,
    Field: field,
    Value: value,
    Members: member,
    Points: member,
    Items: member,
  }),
);

/**
 * The options of a decorator; names that it does not have are faults, and what is no object counts as none. `tier` is given for
 * those of one tier's circuit breaker.
 */
export function knownOptions<T extends object>(
  subject: string,
  decorator: string,
  options: T,
  faults: FaultList,
  tier?: 'hot' | 'durable',
): T {
  const within = tier === undefined ? '' : `${tier}: `;
  const given: unknown = options;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    faults.add(
      subject,
      `has @${decorator}(${within && `{ ${within}… }`}) with ${describe(given)} for its options.`,
      'Give an object, or nothing.',
    );
    return {} as T;
  }
  const known = tier === undefined ? KNOWN.get(decorator) : breaker;
  if (known === undefined) return options;
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(known, name));
  if (unknown.length > 0)
    faults.add(
      subject,
      `has @${decorator}({ ${tier === undefined ? unknown.join(', ') : `${tier}: { ${unknown.join(', ')} }`} }), which it does not know.`,
      `It has ${Object.keys(known).join(', ')}.`,
    );
  return options;
}
