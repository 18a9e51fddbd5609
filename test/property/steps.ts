import fc from 'fast-check';
import { anywhere, key, keys, metres, place, reading, score, some } from './pools.js';
import type { Step } from './step.js';

export type Steps = fc.Arbitrary<Step>;

const step = (call: string, ...args: fc.Arbitrary<unknown>[]): Steps =>
  fc.tuple(...args).map((given): Step => [call, ...given]);
/** A call that takes as many arguments as there are in the last. */
const spread = (call: string, first: fc.Arbitrary<unknown>, rest: fc.Arbitrary<readonly unknown[]>): Steps =>
  fc.tuple(first, rest).map(([a, b]): Step => [call, a, ...b]);
const often = (weight: number, arbitrary: Steps) => ({ weight, arbitrary });
const few = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 0, maxLength: 4, size: 'max' });
const bool = fc.boolean();
const asked = (parts: Record<string, fc.Arbitrary<unknown>>) =>
  fc.tuple(some(parts), reading).map(([options, from]) => ({ ...options, ...from }));

/** The calls that every repository has, of entities with these properties. */
function commonSteps(properties: fc.Arbitrary<object>): Steps {
  const entity = fc.tuple(key, properties).map(([id, rest]) => ({ id, ...rest }));
  const entities = fc
    .tuple(keys, fc.array(properties, { minLength: 3, maxLength: 3 }))
    .map(([ids, rest]) => ids.map((id, at) => ({ id, ...rest[at] })));
  const hot = some({ hot: fc.constantFrom('always', 'ifPresent', 'never') });
  return fc.oneof(
    often(3, step('find', key, reading)),
    often(2, step('findMany', keys, reading)),
    step('findOrFail', key, reading),
    step('stream', keys, reading),
    often(2, step('exists', key, reading)),
    often(2, step('save', entity, hot)),
    step('save', entities, hot),
    step('insert', entity),
    step('update', key, properties),
    step('modify', key),
    often(2, step('delete', key)),
    step('delete', keys),
    often(3, step('evict', keys)),
    often(2, step('refresh', key)),
  );
}

const mixed = (common: Steps, ...own: fc.MaybeWeightedArbitrary<Step>[]): Steps =>
  fc.oneof(often(1, common), often(2, fc.oneof(...own)));

type Text = fc.Arbitrary<string>;

export function sortedSetSteps(member: Text): Steps {
  const scored = fc.record({ member, score }, { noNullPrototype: true });
  const members = fc.uniqueArray(scored, { selector: (one) => one.member, maxLength: 8 });
  const bounds = { minScore: score, maxScore: score };
  const told = { reverse: bool, withScores: bool, withSize: bool };
  return mixed(
    commonSteps(fc.record({ members }, { noNullPrototype: true })),
    often(5, spread('add', key, few(scored))),
    often(3, spread('remove', key, few(member))),
    often(3, step('incrementScore', key, member, score)),
    often(4, step('range', key, asked({ ...bounds, ...told, offset: fc.nat(5), limit: fc.nat(6) }))),
    often(
      2,
      step(
        'range',
        key,
        asked({ ...bounds, ...told, page: fc.integer({ min: 1, max: 4 }), pageSize: fc.integer({ min: 1, max: 5 }) }),
      ),
    ),
    often(2, step('score', key, member, reading)),
    often(3, step('rank', key, member, asked({ reverse: bool }))),
    step('size', key, reading),
    often(2, step('countBetween', key, score, score, reading)),
  );
}

export function geoSetSteps(member: Text): Steps {
  const point = fc.tuple(member, place).map(([one, at]) => ({ member: one, ...at }));
  const points = fc.uniqueArray(point, { selector: (one) => one.member, maxLength: 8 });
  const unit = fc.constantFrom('m', 'km', 'mi', 'ft');
  const center = fc.oneof(anywhere, fc.record({ member }, { noNullPrototype: true }));
  const area = fc.oneof(
    fc.record({ radius: metres }, { noNullPrototype: true }),
    fc.record({ width: metres, height: metres }, { noNullPrototype: true }),
  );
  const told = { sort: fc.constantFrom('asc', 'desc'), withDistance: bool, withCoordinates: bool, withHash: bool };
  const options = asked({ ...told, unit, limit: fc.integer({ min: 1, max: 5 }) });
  const search = fc.tuple(center, area, options).map((parts) => Object.assign({}, ...parts));
  return mixed(
    commonSteps(fc.record({ points }, { noNullPrototype: true })),
    often(5, spread('add', key, few(point))),
    often(2, spread('remove', key, few(member))),
    often(6, step('search', key, search)),
    step('distance', key, member, member, unit, reading),
    step('position', key, member, reading),
    step('hash', key, member, reading),
    step('size', key, reading),
  );
}

export function listSteps(item: Text): Steps {
  const items = fc.array(item, { maxLength: 8 });
  const index = fc.integer({ min: -7, max: 7 });
  return mixed(
    commonSteps(fc.record({ items }, { noNullPrototype: true })),
    often(3, spread('push', key, few(item))),
    often(3, spread('unshift', key, few(item))),
    often(2, step('pop', key)),
    often(2, step('shift', key)),
    often(3, step('range', key, index, index, reading)),
    step('range', key),
    often(2, step('at', key, index, reading)),
    step('length', key, reading),
  );
}

export function setSteps(item: Text): Steps {
  const items = fc.array(item, { maxLength: 8 }).map((given) => new Set(given));
  return mixed(
    commonSteps(fc.record({ items }, { noNullPrototype: true })),
    often(4, spread('add', key, few(item))),
    often(3, spread('remove', key, few(item))),
    often(2, step('has', key, item, reading)),
    often(2, step('hasMany', key, few(item), reading)),
    step('size', key, reading),
    often(2, step('scan', key, some({ batch: fc.integer({ min: 1, max: 4 }) }))),
  );
}

export function hashSteps(text: Text): Steps {
  const count = fc.integer({ min: -1000, max: 1000 });
  const ratio = fc.constantFrom(0, 0.1, -2.5, 1 / 3, 1e21, 1e-7, 5e-324, 2.2250738585072014e-308);
  const name = fc.option(text);
  const whole = fc.record({ name, count, ratio }, { requiredKeys: ['count', 'ratio'], noNullPrototype: true });
  const fields = fc.subarray(['name', 'count', 'ratio'], { minLength: 1 });
  return mixed(
    commonSteps(whole),
    often(2, step('increment', key, fc.constant('count'), count)),
    step('increment', key, fc.constant('ratio'), ratio),
    often(
      2,
      step(
        'find',
        key,
        fc.tuple(fields, reading).map(([names, from]) => ({ fields: names, ...from })),
      ),
    ),
    step(
      'findMany',
      keys,
      fc.tuple(fields, reading).map(([names, from]) => ({ fields: names, ...from })),
    ),
    step('update', key, some({ name, count, ratio })),
  );
}

export function flagSteps(): Steps {
  const hot = some({ hot: fc.constantFrom('always', 'ifPresent', 'never') });
  return mixed(
    commonSteps(fc.record({ seen: bool }, { noNullPrototype: true })),
    often(2, step('set', key, hot)),
    often(2, step('unset', key, hot)),
    often(3, step('get', key, reading)),
    often(2, step('isSet', key, reading)),
    step('isSetMany', keys, reading),
  );
}
