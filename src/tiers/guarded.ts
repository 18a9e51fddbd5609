import { MEMBERS_AT_ONCE, membersOf } from '../core/collection.js';
import type { FallbackDriver } from '../core/fallback-driver.js';
import type { HotDelta, HotEntry, HotFault, HotStore } from '../core/hot-store.js';
import type { Schema } from '../core/schema.js';
import type { Guard } from '../policies/guard.js';
import { boundedSteps } from './bounded-steps.js';

/** The guard of one entity's calls. */
export type GuardOf = (schema: Schema) => Guard;

/**
 * A hot store whose every step goes through a guard. A step that no key was reached by counts as the tier's fault; one that
 * the guard refuses reaches no key. Looking at what is hot, and asking whether it answers, go past the guard; what puts a large
 * collection in place, which takes many scripts, goes through `long`.
 */
export function guardedHot(hot: HotStore, guardOf: GuardOf, long: Guard = (run) => run()): HotStore {
  const guarded = async <R>(
    schema: Schema,
    size: number,
    step: () => Promise<readonly R[]>,
    fault: (reply: R) => unknown,
    refused: (error: unknown) => R,
    guard: Guard = guardOf(schema),
  ): Promise<readonly R[]> => {
    let replies: readonly R[] | undefined;
    try {
      return await guard(async () => {
        const answered = await step();
        const faults = answered.map(fault);
        if (answered.length > 0 && faults.every((error) => error !== undefined)) {
          replies = answered;
          throw faults[0];
        }
        return answered;
      });
    } catch (error) {
      return replies ?? new Array<R>(size).fill(refused(error));
    }
  };
  const faultOf = (fault: HotFault) => fault?.error;
  const refusedBy = (error: unknown): HotFault => ({ error });
  return {
    name: hot.name,
    ...(hot.inProcess !== undefined && { inProcess: hot.inProcess }),
    scope: hot.scope,
    open: (schemas, options) => hot.open(schemas, options),
    read: (schema, keys, queries, token) =>
      guarded(
        schema,
        keys.length,
        () => hot.read(schema, keys, queries, token),
        (reply) => (reply.state === 'unreachable' ? reply.error : undefined),
        (error) => ({ state: 'unreachable', error }) as const,
      ),
    begin: (schema, keys, token, lockTime, servedFor, members) =>
      guarded(
        schema,
        keys.length,
        () => hot.begin(schema, keys, token, lockTime, servedFor, members),
        faultOf,
        refusedBy,
      ),
    renew: (schema, keys, token, lockTime) =>
      guarded(schema, keys.length, () => hot.renew(schema, keys, token, lockTime), faultOf, refusedBy),
    commit: (schema, entries, token, mode) =>
      guarded(
        schema,
        entries.length,
        () => hot.commit(schema, entries, token, mode),
        faultOf,
        refusedBy,
        isLong(schema, entries) ? long : undefined,
      ),
    abandon: (schema, keys, token) =>
      guarded(schema, keys.length, () => hot.abandon(schema, keys, token), faultOf, refusedBy),
    stage: (schema, key, members, token) =>
      guarded(
        schema,
        1,
        async () => [await hot.stage(schema, key, members, token)],
        (staged) => (typeof staged === 'object' ? staged.error : undefined),
        (error) => ({ error }),
      ).then(([staged]) => staged!),
    fill: (schema, entries, token) =>
      guarded(
        schema,
        entries.length,
        () => hot.fill(schema, entries, token),
        faultOf,
        refusedBy,
        isLong(schema, entries) ? long : undefined,
      ),
    drop: (schema, keys) => guarded(schema, keys.length, () => hot.drop(schema, keys), faultOf, refusedBy),
    peek: (schema, keys) => hot.peek(schema, keys),
    ids: (schema) => hot.ids(schema),
    place: (schema, key) => hot.place(schema, key),
    places: () => hot.places(),
    ...(hot.watch && { watch: (heard) => hot.watch!(heard) }),
    close: () => hot.close(),
  };
}

const isLong = ({ kind }: Schema, entries: readonly (HotEntry | HotDelta)[]): boolean =>
  kind.structure !== undefined &&
  entries.some((entry) => 'value' in entry && entry.value && membersOf(entry.value).size > MEMBERS_AT_ONCE);

/**
 * A hot store past its circuit breaker, every step with a time limit: for who finds out whether it is back. One that does not
 * say so in time has one place, which does not answer.
 */
export function unguardedHot(hot: HotStore, { steps, long, looks, probe }: HotLimits): HotStore {
  return {
    ...guardedHot(hot, () => steps, long),
    peek: (schema, keys) =>
      looks(() => hot.peek(schema, keys)).catch((error: unknown) =>
        keys.map(() => ({ state: 'unreachable', error }) as const),
      ),
    ids: (schema) => boundedSteps(hot.ids(schema), looks),
    places: () => probe(() => hot.places()).catch((error: unknown) => new Map([['', { error }]])),
  };
}

/** How long each may take: a step, which may have been made though it gave no answer; one that takes many scripts; a look, which changes nothing; and asking every place. */
export interface HotLimits {
  readonly steps: Guard;
  readonly long: Guard;
  readonly looks: Guard;
  readonly probe: Guard;
}

/** A durable store whose reads and writes go through guards of their own. */
export function guardedDriver(
  driver: FallbackDriver,
  guards: {
    readonly read: GuardOf;
    readonly write: GuardOf;
    /** Of each step of a scan. Left out, it takes as long as its reader: neither a timeout nor a place in the bulkhead is for that. */
    readonly scan?: (schema: Schema) => Guard | undefined;
  },
): FallbackDriver {
  return {
    name: driver.name,
    capabilities: driver.capabilities,
    open: (schemas, options) => driver.open(schemas, options),
    read: (schema, keys, query) => guards.read(schema)(() => driver.read(schema, keys, query)),
    write: (changes) => guards.write(changes[0]!.schema)(() => driver.write(changes)),
    scan(schema) {
      const steps = guards.scan?.(schema);
      return steps ? boundedSteps(driver.scan(schema), steps) : driver.scan(schema);
    },
    count: (schema) =>
      driver.capabilities.countsByScan ? driver.count(schema) : guards.read(schema)(() => driver.count(schema)),
    close: () => driver.close(),
  };
}
