import type { CollectionForm, RedisCommand } from '../core/kind.js';
import { Members } from '../core/members.js';
import { countOf, listOf, unscoredOf } from './redis-replies.js';

/** A list as one Redis list. */
export const listForm: CollectionForm = {
  type: 'list',
  ask(query) {
    if (query === undefined) return [['LRANGE', '0', '-1']];
    switch (query.type) {
      case 'size':
        return [['LLEN']];
      case 'between':
        return [['LRANGE', String(query.start), String(query.stop)]];
      case 'scan': {
        const from = query.after === '' ? 0 : Number(query.after.slice(1)) + 1;
        return [['LRANGE', String(from), String(from + query.limit - 1)]];
      }
      default:
        return [];
    }
  },
  answer(query, [first]) {
    switch (query.type) {
      case 'size':
        return { members: [], numbers: [countOf(first)] };
      case 'between':
        return { members: unscoredOf(first), numbers: [] };
      case 'scan': {
        const from = query.after === '' ? 0 : Number(query.after.slice(1)) + 1;
        const members = unscoredOf(first).map(({ text }, at) => ({ text, score: from + at }));
        return { members, numbers: [], next: members.length === query.limit ? `=${members.at(-1)!.score}` : undefined };
      }
      default:
        return { members: [], numbers: [] };
    }
  },
  parse: ([all]) => Members.listOf(listOf(all).map(String)),
  put: (members) => ['RPUSH', ...members.map(({ text }) => text)],
  change(delta) {
    if (delta.type !== 'ends') return [];
    const { end, pop, push, trim } = delta;
    const last = end === 'last';
    const commands: RedisCommand[] = [];
    if (pop > 0) commands.push([last ? 'RPOP' : 'LPOP', String(pop)]);
    if (push.length > 0) commands.push([last ? 'RPUSH' : 'LPUSH', ...push]);
    if (trim > 0) commands.push([last ? 'LPOP' : 'RPOP', String(trim)]);
    return commands;
  },
};
