import { describe } from '../core/codecs.js';
import type { Answer, CollectionQuery } from '../core/collection.js';
import type { EntityAccess, QueryCall, StreamCall } from '../core/kind.js';
import { CollectionCall } from './collection-call.js';

const SCAN_BATCH = 500;

/** Whether an item is there. */
export function has(access: EntityAccess, key: unknown, item: unknown, given?: unknown): QueryCall {
  const call = new CollectionCall(access, 'has');
  const texts = [call.text('item', item)];
  return call.ask(
    key,
    { type: 'scores', texts },
    call.options(given),
    false,
    ({ numbers }) => numbers[0] !== undefined,
  );
}

/** Whether each of the items is there, in their order. */
export function hasMany(access: EntityAccess, key: unknown, items: unknown, given?: unknown): QueryCall {
  const call = new CollectionCall(access, 'hasMany');
  if (!Array.isArray(items))
    call.refuse(`it takes a key and an array of items, got ${describe(items)}`, 'Use has() for one.');
  const options = call.options(given);
  const wanted = (items as unknown[]).map((item, at) => call.text(`items[${at}]`, item));
  if (wanted.length === 0) return call.nothing(key, [], options);
  const texts = [...new Set(wanted)];
  const none = wanted.map(() => false);
  return call.ask(key, { type: 'scores', texts }, options, none, ({ numbers }) => {
    const there = new Set(texts.filter((_, at) => numbers[at] !== undefined));
    return wanted.map((text) => there.has(text));
  });
}

/** All items, some at a time. */
export function scan(access: EntityAccess, key: unknown, given?: unknown): StreamCall {
  const call = new CollectionCall(access, 'scan');
  const { batch = SCAN_BATCH } = call.options(given, ['batch']);
  const limit = call.whole('batch', batch, 1);
  const after = (place: string): CollectionQuery => ({
    id: `scan ${limit} ${place}`,
    type: 'scan',
    after: place,
    limit,
  });
  return {
    key: access.key(key),
    query: after(''),
    items: (answer) => (answer as Answer).members.map(({ text }) => call.member(text)),
    next: (answer) => {
      const { next } = answer as Answer;
      return next === undefined ? undefined : after(next);
    },
  };
}
