import type { ChangeCall, EntityAccess, QueryCall } from '../core/kind.js';
import { CollectionCall, countIn, type Given } from './collection-call.js';

const PAGE_SIZE = 20;
const RANGE = 'from reverse offset limit page pageSize minScore maxScore withScores withSize'.split(' ');

/** The new score. */
export function incrementScore(access: EntityAccess, key: unknown, member: unknown, by: unknown = 1): ChangeCall {
  const call = new CollectionCall(access, 'incrementScore');
  const text = call.text('member', member);
  // -0 more is 0 more.
  const more = call.number('by', by) + 0;
  return call.change(key, { type: 'increment', text, by: more, expiresAt: call.expiresAt }, countIn);
}

/** Members in order. */
export function range(access: EntityAccess, key: unknown, given?: unknown): QueryCall {
  const call = new CollectionCall(access, 'range');
  const options = call.options(given, RANGE);
  const { minScore = Number.NEGATIVE_INFINITY, maxScore = Number.POSITIVE_INFINITY } = options;
  const withScores = call.flag('withScores', options.withScores);
  const size = call.flag('withSize', options.withSize);
  const part = {
    min: call.number('minScore', minScore),
    max: call.number('maxScore', maxScore),
    ...pageOf(call, options),
    reverse: call.flag('reverse', options.reverse),
    size,
  };
  return call.ask(key, { type: 'slice', ...part }, options, size ? { items: [], size: 0 } : [], (answer) => {
    const items = answer.members.map(({ text, score }) =>
      withScores ? { member: call.member(text), score } : call.member(text),
    );
    return size ? { items, size: countIn(answer) } : items;
  });
}

function pageOf(call: CollectionCall, options: Given): { offset: number; limit: number | undefined } {
  const { offset = 0, limit, page = 1, pageSize = PAGE_SIZE } = options;
  if (options.page === undefined && options.pageSize === undefined)
    return {
      offset: call.whole('offset', offset, 0),
      limit: limit === undefined ? undefined : call.whole('limit', limit, 0),
    };
  if (options.offset !== undefined || limit !== undefined)
    call.refuse('it was given both a page and an offset or a limit', 'Give { page, pageSize }, or { offset, limit }.');
  const size = call.whole('pageSize', pageSize, 1);
  const before = (call.whole('page', page, 1) - 1) * size;
  if (!Number.isSafeInteger(before + size)) call.refuse(`there can be no page ${String(page)}`, 'Give a smaller one.');
  return { offset: before, limit: size };
}

/** `undefined` where it is not there. */
export function score(access: EntityAccess, key: unknown, member: unknown, given?: unknown): QueryCall {
  const call = new CollectionCall(access, 'score');
  const texts = [call.text('member', member)];
  return call.ask(key, { type: 'scores', texts }, call.options(given), undefined, ({ numbers }) => numbers[0]);
}

/** How many come before it; `undefined` where it is not there. */
export function rank(access: EntityAccess, key: unknown, member: unknown, given?: unknown): QueryCall {
  const call = new CollectionCall(access, 'rank');
  const options = call.options(given, ['from', 'reverse']);
  const text = call.text('member', member);
  const reverse = call.flag('reverse', options.reverse);
  return call.ask(key, { type: 'rank', text, reverse }, options, undefined, ({ numbers }) => numbers[0]);
}

/** How many have a score within the bounds. */
export function countBetween(
  access: EntityAccess,
  key: unknown,
  min: unknown,
  max: unknown,
  given?: unknown,
): QueryCall {
  const call = new CollectionCall(access, 'countBetween');
  const bounds = { min: call.number('min', min), max: call.number('max', max) };
  return call.ask(key, { type: 'count', ...bounds }, call.options(given), 0, countIn);
}
