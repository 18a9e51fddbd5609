import type { Answer, CollectionQuery, Member } from '../core/collection.js';
import { distanceWithin, placeOf } from '../core/geo.js';
import type { RedisCommand, RedisReply } from '../core/kind.js';
import { textScore } from '../core/score-text.js';
import { nearest } from './collection.js';
import { isFar, redisCenter, redisRadius } from './redis-geo.js';
import { listOf } from './redis-replies.js';

type Near = Extract<CollectionQuery, { readonly type: 'near' }>;

/** What finds the members near somewhere: a search, and where that is a member, the place of it. */
export function nearCommands({ center, area, limit, sort }: Near): readonly RedisCommand[] {
  const radius = redisRadius(area);
  const by =
    radius !== undefined
      ? ['BYRADIUS', String(radius), 'm']
      : 'radius' in area
        ? ['BYRADIUS', String(area.radius), 'm']
        : ['BYBOX', String(area.width), String(area.height), 'm'];
  // Of a larger area than was asked for the first few may all lie outside, but for the nearest in a circle. The count last: Redis
  // leaves out any of those that are equally far, so that who asks may have to ask for more.
  const asAsked = radius === undefined || ('radius' in area && (sort === 'asc' || radius === area.radius));
  const most = limit !== undefined && asAsked ? ['COUNT', String(limit)] : [];
  const rest = [...by, sort.toUpperCase(), 'WITHDIST', 'WITHHASH', ...most];
  if (typeof center === 'string')
    return [
      ['GEOSEARCH', 'FROMMEMBER', center, ...rest],
      ['ZSCORE', center],
    ];
  const { longitude, latitude } = redisCenter(center);
  return [['GEOSEARCH', 'FROMLONLAT', String(longitude), String(latitude), ...rest]];
}

/** Whether the search may go through all members. */
export const nearLooksFar = ({ area, limit }: Near): boolean => limit !== 0 && (limit === undefined || isFar(area));

/** The members near somewhere, of the replies. Their distances are not Redis's, which are others at the other end of the earth. */
export function nearAnswer({ center, area, sort, limit }: Near, [all, score]: readonly RedisReply[]): Answer {
  const replies = listOf(all);
  if (replies.length === 0) return { members: [], numbers: [] };
  const from = typeof center === 'string' ? placeOf(textScore(score)) : center;
  const found: { readonly member: Member; readonly distance: number }[] = [];
  for (const one of replies) {
    const [text, , geohash] = listOf(one);
    const member = { text: String(text), score: Number(geohash) };
    const distance = distanceWithin(from, area, placeOf(member.score));
    if (distance !== undefined) found.push({ member, distance });
  }
  return nearest(found, sort, limit);
}
