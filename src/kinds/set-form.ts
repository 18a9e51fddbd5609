import type { CollectionForm, RedisCommand } from '../core/kind.js';
import { Members } from '../core/members.js';
import { aboutTexts, countOf, listOf, unscoredOf } from './redis-replies.js';

/** A set as one Redis set. */
export const setForm: CollectionForm = {
  type: 'set',
  ask(query) {
    if (query === undefined) return [['SMEMBERS']];
    switch (query.type) {
      case 'size':
        return [['SCARD']];
      case 'scores':
        return aboutTexts('SMISMEMBER', query.texts);
      case 'scan':
        return [['SSCAN', query.after === '' ? '0' : query.after.slice(1), 'COUNT', String(query.limit)]];
      default:
        return [];
    }
  },
  answer(query, replies) {
    const [first] = replies;
    switch (query.type) {
      case 'size':
        return { members: [], numbers: [countOf(first)] };
      case 'scores':
        return { members: [], numbers: replies.flatMap(listOf).map((there) => (Number(there) === 1 ? 0 : undefined)) };
      case 'scan': {
        const [cursor, texts] = listOf(first);
        return { members: unscoredOf(texts), numbers: [], next: cursor === '0' ? undefined : `=${String(cursor)}` };
      }
      default:
        return { members: [], numbers: [] };
    }
  },
  parse: ([all]) => Members.of('set', unscoredOf(all)),
  put: (members) => ['SADD', ...members.map(({ text }) => text)],
  change(delta) {
    if (delta.type !== 'members') return [];
    const commands: RedisCommand[] = [];
    if (delta.remove.length > 0) commands.push(['SREM', ...delta.remove]);
    if (delta.put.length > 0) commands.push(['SADD', ...delta.put.map(({ text }) => text)]);
    return commands;
  },
};
