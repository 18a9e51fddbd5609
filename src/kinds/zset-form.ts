import type { Answer, CollectionQuery, Member, Structure } from '../core/collection.js';
import type { CollectionForm, RedisCommand, RedisReply } from '../core/kind.js';
import { Members } from '../core/members.js';
import { SIGN_KEEPER, scoreText, textScore } from '../core/score-text.js';
import { nearAnswer, nearCommands, nearLooksFar } from './near-form.js';
import { aboutTexts, countOf, listOf, scoredOf } from './redis-replies.js';

/** A collection with scores as one Redis sorted set. Of a geo set the scores are geohashes, as Redis itself has them. */
export const zsetForm = (structure: Structure): CollectionForm => ({
  type: 'zset',
  ask,
  looksFar: (query) => query.type === 'near' && nearLooksFar(query),
  answer,
  parse: ([all]) => Members.of(structure, scoredOf(all)),
  put,
  change(delta) {
    if (delta.type !== 'members') return [];
    const commands: RedisCommand[] = [];
    if (delta.remove.length > 0) commands.push(['ZREM', ...delta.remove]);
    // To Redis 0 and -0 are no change of each other.
    const zeros = delta.put.filter(({ score }) => score === 0);
    for (let at = 0; at < zeros.length && structure === 'sorted-set'; at += MOST_PAIRS)
      commands.push(['ZADD', 'XX', ...zeros.slice(at, at + MOST_PAIRS).flatMap(({ text }) => ['1', text])]);
    if (delta.put.length > 0) commands.push(put(delta.put));
    if (hasSign(delta.put)) commands.push(['ZREM', SIGN_KEEPER]);
    return commands;
  },
});

// A script hands no more to one command.
const MOST_PAIRS = 1000;

const hasSign = (members: readonly Member[]): boolean => members.some(({ score }) => Object.is(score, -0));

// Whoever runs it takes the keeper of the sign out again: unkeepLua.
const put: CollectionForm['put'] = (members) => [
  'ZADD',
  ...(hasSign(members) ? ['0', SIGN_KEEPER] : []),
  ...members.flatMap(({ text, score }) => [scoreText(score), text]),
];

function ask(query: CollectionQuery | undefined): readonly RedisCommand[] {
  if (query === undefined) return [['ZRANGE', '0', '-1', 'WITHSCORES']];
  switch (query.type) {
    case 'size':
      return [['ZCARD']];
    case 'count':
      return [countBetween(query)];
    case 'scores':
      return aboutTexts('ZMSCORE', query.texts);
    case 'rank':
      return [[query.reverse ? 'ZREVRANK' : 'ZRANK', query.text]];
    case 'slice':
      return [...(query.limit === 0 ? [] : [slice(query)]), ...(query.size ? [countBetween(query)] : [])];
    case 'near':
      return query.limit === 0 ? [] : nearCommands(query);
    case 'scan':
      return [['ZSCAN', query.after === '' ? '0' : query.after.slice(1), 'COUNT', String(query.limit)]];
    case 'exists':
    case 'between':
      return [];
  }
}

type Bounds = { readonly min: number; readonly max: number };

const unbounded = ({ min, max }: Bounds) => min === Number.NEGATIVE_INFINITY && max === Number.POSITIVE_INFINITY;

const countBetween = (bounds: Bounds): RedisCommand =>
  unbounded(bounds) ? ['ZCARD'] : ['ZCOUNT', scoreText(bounds.min), scoreText(bounds.max)];

function slice(query: Extract<CollectionQuery, { readonly type: 'slice' }>): RedisCommand {
  const { min, max, offset, limit, reverse } = query;
  const turned = reverse ? ['REV'] : [];
  if (unbounded(query)) {
    const last = limit === undefined ? -1 : offset + limit - 1;
    return ['ZRANGE', String(offset), String(last), ...turned, 'WITHSCORES'];
  }
  const [from, to] = reverse ? [max, min] : [min, max];
  const part = ['LIMIT', String(offset), String(limit ?? -1)];
  return ['ZRANGE', scoreText(from), scoreText(to), 'BYSCORE', ...turned, ...part, 'WITHSCORES'];
}

function answer(query: CollectionQuery, replies: readonly RedisReply[]): Answer {
  const [first] = replies;
  switch (query.type) {
    case 'size':
    case 'count':
      return { members: [], numbers: [countOf(first)] };
    case 'scores':
      return {
        members: [],
        numbers: replies.flatMap(listOf).map((score) => (isNone(score) ? undefined : textScore(score))),
      };
    case 'rank':
      return { members: [], numbers: [isNone(first) ? undefined : countOf(first)] };
    case 'slice':
      return {
        members: query.limit === 0 ? [] : scoredOf(first),
        numbers: query.size ? [countOf(replies.at(-1))] : [],
      };
    case 'near':
      return nearAnswer(query, replies);
    case 'scan': {
      const [cursor, flat] = listOf(first);
      return { members: scoredOf(flat), numbers: [], next: cursor === '0' ? undefined : `=${String(cursor)}` };
    }
    case 'exists':
    case 'between':
      return { members: [], numbers: [] };
  }
}

// Lua has no nothing in a list: it calls it false.
const isNone = (reply: unknown): boolean => reply === null || reply === undefined || reply === false;
