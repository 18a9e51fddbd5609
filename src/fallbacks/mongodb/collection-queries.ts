import type { Document } from 'mongodb';
import { type Answer, type CollectionQuery, type Member, valueOfMembers } from '../../core/collection.js';
import { geohashRanges, placeOf } from '../../core/geo.js';
import { Members } from '../../core/members.js';
import type { Head } from './heads.js';
import type { MemberDocuments } from './members.js';
import type { Within } from './open-mongo.js';

type Of<T extends CollectionQuery['type']> = Extract<CollectionQuery, { readonly type: T }>;

const NOTHING: Answer = { members: [], numbers: [] };
const numbers = (...some: readonly (number | undefined)[]): Answer => ({ members: [], numbers: some });
const unbounded = ({ min, max }: { readonly min: number; readonly max: number }) =>
  min === Number.NEGATIVE_INFINITY && max === Number.POSITIVE_INFINITY;

/** What a collection answers, where its members lie. */
export async function answerTo(
  members: MemberDocuments,
  head: Head,
  query: CollectionQuery,
  within: Within,
): Promise<Answer> {
  const { generation: of, count } = head;
  const counted = (bounds: { readonly min: number; readonly max: number }) =>
    unbounded(bounds) ? count : members.count(members.filter(of, bounds.min, bounds.max), within);
  switch (query.type) {
    case 'exists':
      return NOTHING;
    case 'size':
      return numbers(count);
    case 'count':
      return numbers(await counted(query));
    case 'scores': {
      const found = await members.texts(of, query.texts, within);
      const scores = new Map(found.map(({ text, score }) => [text, score]));
      return numbers(...query.texts.map((text) => scores.get(text)));
    }
    case 'rank':
      return rank(members, head, query, within);
    case 'slice': {
      const { min, max, offset, limit, reverse } = query;
      const end = reverse ? 'last' : 'first';
      const found = await members.slice(members.filter(of, min, max), { end, offset, limit }, within);
      return { members: found, numbers: query.size ? [await counted(query)] : [] };
    }
    case 'between':
      return between(members, head, query, within);
    case 'near':
      return near(members, head, query, within);
    case 'scan':
      return scan(members, head, query, within);
  }
}

async function rank(
  members: MemberDocuments,
  { generation: of, count }: Head,
  { text, reverse }: Of<'rank'>,
  within: Within,
): Promise<Answer> {
  const [member] = await members.texts(of, [text], within);
  if (!member) return numbers(undefined);
  const { score } = member;
  const before = await members.count(
    {
      '_id.of': of,
      $or: [{ score: { $lt: score } }, { score: { $eq: score }, '_id.member': { $lt: text } }],
    } as Document,
    within,
  );
  return numbers(reverse ? count - 1 - before : before);
}

async function between(
  members: MemberDocuments,
  { generation: of, count }: Head,
  { start, stop }: Of<'between'>,
  within: Within,
): Promise<Answer> {
  const from = Math.max(0, start < 0 ? count + start : start);
  const to = Math.min(count, (stop < 0 ? count + stop : stop) + 1);
  if (from >= to) return NOTHING;
  // From the nearer end, so that few are passed over.
  const end = count - to < from ? 'last' : 'first';
  const offset = end === 'last' ? count - to : from;
  const found = await members.slice(members.filter(of), { end, offset, limit: to - from }, within);
  return { members: end === 'last' ? found.reverse() : found, numbers: [] };
}

async function near(members: MemberDocuments, head: Head, query: Of<'near'>, within: Within): Promise<Answer> {
  const { generation: of } = head;
  let { center } = query;
  if (typeof center === 'string') {
    const [member] = await members.texts(of, [center], within);
    if (!member) return NOTHING;
    center = placeOf(member.score);
  }
  const ranges = geohashRanges(center, query.area);
  if (query.limit === 0 || ranges.length === 0) return NOTHING;
  const found: Member[] = await members.slice(
    { '_id.of': of, $or: ranges.map(([$gte, $lte]) => ({ score: { $gte, $lte } })) } as Document,
    { end: 'first' },
    within,
  );
  const { schema } = members;
  const value = valueOfMembers(Members.of('geo-set', found));
  return schema.kind.select(schema, value, { ...query, center }) as Answer;
}

async function scan(
  members: MemberDocuments,
  { generation: of }: Head,
  { after, limit }: Of<'scan'>,
  within: Within,
): Promise<Answer> {
  const list = members.schema.kind.structure === 'list';
  const last = after === '' ? undefined : after.slice(1);
  const found = await members.after(of, last, limit, within);
  const end = found.at(-1);
  const next = end && found.length === limit ? `=${list ? end.score : end.text}` : undefined;
  return { members: found, numbers: [], next };
}
