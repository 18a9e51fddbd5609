import type { Answer, End } from '../core/collection.js';
import type { ChangeCall, EntityAccess, QueryCall } from '../core/kind.js';
import { CollectionCall, countIn } from './collection-call.js';

/** Puts items behind the last; how long the list is then. */
export const push = (access: EntityAccess, key: unknown, ...items: unknown[]) =>
  putAt('last', 'push', access, key, items);

/** Puts items before the first, so that the list begins with them as they were given; how long the list is then. */
export const unshift = (access: EntityAccess, key: unknown, ...items: unknown[]) =>
  putAt('first', 'unshift', access, key, items);

function putAt(
  end: End,
  name: string,
  access: EntityAccess,
  key: unknown,
  items: readonly unknown[],
): ChangeCall | QueryCall {
  const call = new CollectionCall(access, name);
  const texts = items.map((item, at) => call.text(`items[${at}]`, item));
  if (texts.length === 0) return call.ask(key, { type: 'size' }, {}, 0, countIn);
  // The store puts one after the other, so that the last of them is outermost.
  if (end === 'first') texts.reverse();
  return call.change(key, { type: 'push', end, texts, expiresAt: call.expiresAt }, countIn);
}

/** Takes the last item; `undefined` where there is none. */
export const pop = (access: EntityAccess, key: unknown) => takeFrom('last', 'pop', access, key);

/** Takes the first item; `undefined` where there is none. */
export const shift = (access: EntityAccess, key: unknown) => takeFrom('first', 'shift', access, key);

function takeFrom(end: End, name: string, access: EntityAccess, key: unknown): ChangeCall {
  const call = new CollectionCall(access, name);
  return call.change(key, { type: 'pop', end }, (answer) => firstIn(call, answer));
}

function firstIn(call: CollectionCall, { members: [first] }: Answer): unknown {
  return first && call.member(first.text);
}

/** Items from `start` to `stop`, both included. */
export function range(
  access: EntityAccess,
  key: unknown,
  start: unknown = 0,
  stop: unknown = -1,
  given?: unknown,
): QueryCall {
  const call = new CollectionCall(access, 'range');
  const between = { start: call.whole('start', start), stop: call.whole('stop', stop) };
  return call.ask(key, { type: 'between', ...between }, call.options(given), [], ({ members }) =>
    members.map(({ text }) => call.member(text)),
  );
}

/** The item at an index; `undefined` where there is none. */
export function at(access: EntityAccess, key: unknown, index: unknown, given?: unknown): QueryCall {
  const call = new CollectionCall(access, 'at');
  const start = call.whole('index', index);
  const question = { type: 'between', start, stop: start } as const;
  return call.ask(key, question, call.options(given), undefined, (answer) => firstIn(call, answer));
}
