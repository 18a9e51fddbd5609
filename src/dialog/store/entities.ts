import {
  type Class,
  Entity,
  Fallback,
  Field,
  type Holdfast,
  Items,
  Key,
  type KeyProps,
  type ListItems,
  RedisHash,
  RedisList,
  ValidationError,
  Version,
} from '../../index.js';
import { type ContextId, idCodec, textCodec } from '../context-id.js';
import type { Ticket } from './ticket-queue.js';

/** How contexts are named in stores, and where they lie. */
export interface ContextEntitiesOptions {
  /** What tables and keys begin with. Default `'contexts'`. */
  readonly table?: string | undefined;
  /** Tells stores apart that have the same `table`. */
  readonly name?: string | undefined;
  /** The durable home: a name given to `open()`. Left out: none, Redis is the truth. */
  readonly fallback?: string | undefined;
}

/** Beside a durable store: how long what nobody asks for stays hot, and how long it is remembered that somebody is not there. */
const HOT = { ttl: '1d', absentTtl: '1s' } as const;

export interface HeadEntity {
  [KeyProps]?: ['key'];
  key: string;
  user: string;
  contextId: ContextId;
  version: number;
  validation: boolean;
  misc: string;
  states: string;
  turns: number;
  last: number;
  mark: number;
  turnsUntil: number | null;
  archived: number;
  part: number;
}

export interface TurnsEntity {
  [KeyProps]?: ['key'];
  key: string;
  items: ListItems;
}

export interface ArchiveEntity {
  [KeyProps]?: ['key', 'part'];
  key: string;
  part: number;
  /** One a line: they are not changed one by one any more. */
  items: string;
}

export interface QueueEntity {
  [KeyProps]?: ['key'];
  key: string;
  version: number;
  fence: number;
  saved: number;
  tickets: Ticket[];
}

/** The classes of one store. */
export interface EntitySet {
  readonly base: string;
  readonly head: new () => HeadEntity;
  readonly turns: new () => TurnsEntity;
  readonly archive: new () => ArchiveEntity;
  readonly queue: new () => QueueEntity;
}

const sets = new WeakMap<object, EntitySet>();

/** What the names of a store's entities begin with. */
export const baseOf = ({ table = 'contexts', name }: ContextEntitiesOptions): string =>
  name === undefined ? table : `${name}_${table}`;

/** The entities of one context store. */
export function entitySet(options: ContextEntitiesOptions): EntitySet {
  const base = baseOf(options);
  const { fallback } = options;
  const hot = fallback === undefined ? {} : HOT;
  const home = fallback === undefined ? () => {} : Fallback(fallback);

  @Entity(`${base}_heads`)
  @RedisHash(hot)
  @home
  class ContextHead implements HeadEntity {
    declare [KeyProps]?: ['key'];
    @Key({ type: 'string' }) key!: string;
    @Field({ type: textCodec }) user!: string;
    @Field({ type: idCodec }) contextId!: ContextId;
    @Version() version!: number;
    @Field({ type: 'boolean' }) validation!: boolean;
    @Field({ type: 'text' }) misc!: string;
    @Field({ type: 'text' }) states!: string;
    @Field({ type: 'integer' }) turns!: number;
    @Field({ type: 'integer' }) last!: number;
    @Field({ type: 'integer' }) mark!: number;
    @Field({ type: 'integer', nullable: true }) turnsUntil!: number | null;
    @Field({ type: 'integer' }) archived!: number;
    @Field({ type: 'integer' }) part!: number;
  }

  @Entity(`${base}_turns`)
  @RedisList(hot)
  @home
  class ContextTurns implements TurnsEntity {
    declare [KeyProps]?: ['key'];
    @Key({ type: 'string' }) key!: string;
    @Items() items!: ListItems;
  }

  @Entity(`${base}_archive`)
  @RedisHash(hot)
  @home
  class ContextArchive implements ArchiveEntity {
    declare [KeyProps]?: ['key', 'part'];
    @Key({ type: 'string' }) key!: string;
    @Key({ type: 'integer' }) part!: number;
    @Field({ type: 'text' }) items!: string;
  }

  @Entity(`${base}_queues`)
  @RedisHash(hot)
  @home
  class ContextQueue implements QueueEntity {
    declare [KeyProps]?: ['key'];
    @Key({ type: 'string' }) key!: string;
    @Version() version!: number;
    @Field({ type: 'integer' }) fence!: number;
    @Field({ type: 'integer' }) saved!: number;
    @Field({ type: 'json' }) tickets!: Ticket[];
  }

  const set: EntitySet = {
    base,
    head: ContextHead,
    turns: ContextTurns,
    archive: ContextArchive,
    queue: ContextQueue,
  };
  sets.set(ContextHead, set);
  return set;
}

/**
 * The entities of a context store, for a holdfast of your own.
 *
 * @example
 * const holdfast = await Holdfast.open({
 *   entities: [Person, ...contextEntities({ fallback: 'postgres' })],
 *   redis: 'redis://localhost', fallbacks: { postgres: 'postgresql://localhost/bots' },
 * });
 * const db = await contextStore(holdfast);
 */
export function contextEntities(options: ContextEntitiesOptions = {}): Class<object>[] {
  return classesOf(entitySet(options));
}

/** All classes of a store. */
export const classesOf = ({ head, turns, archive, queue }: EntitySet): Class<object>[] => [head, turns, archive, queue];

/** The entities among those of an open holdfast. @throws ValidationError where there are none */
export function entitySetIn(holdfast: Holdfast, options: ContextEntitiesOptions): EntitySet {
  const found = holdfast.entities.flatMap((entity) => sets.get(entity) ?? []);
  const base = baseOf(options);
  const one = found.find((set) => set.base === base) ?? ((options.table ?? options.name) ? undefined : found[0]);
  if (one) return one;
  throw new ValidationError(
    `The holdfast given to contextStore() was opened without the entities of ${base}${found.length > 0 ? ` (it has those of ${found.map((set) => set.base).join(', ')})` : ''}. Add them: entities: [...contextEntities({ fallback: 'postgres' })].`,
  );
}
