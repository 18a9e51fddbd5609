import type { Answer, CollectionQuery, Member } from '../../core/collection.js';
import { compareText } from '../../core/key-order.js';
import type { Key } from '../../core/schema.js';
import type { CollectionStatements } from './collection-statements.js';
import { isStorable } from './member-limits.js';
import { Parameters } from './parameters.js';

/** What is read of the members, beside whether their collection is there. */
export interface Asked {
  /** What selects members, as the layout lists them; without it there are none. */
  readonly members?: string;
  /** What counts. */
  readonly numbers?: readonly string[];
  /** What the columns tell: the members, and the numbers. */
  answer(members: readonly Member[], numbers: readonly unknown[]): Answer;
}

type Of<T extends CollectionQuery['type']> = Extract<CollectionQuery, { readonly type: T }>;

/** A query but for those that take more than a statement. */
export type SimpleQuery = Exclude<CollectionQuery, Of<'near'>>;

const numbers = (...some: readonly (number | undefined)[]): Answer => ({ members: [], numbers: some });
const NONE: Asked = { answer: () => numbers() };

/** How a query of one collection is asked. The parameters are added in the order of the SQL. */
export function ask(sql: CollectionStatements, key: Key, query: SimpleQuery, parameters: Parameters): Asked {
  const from = () => `${sql.layout.table} m WHERE ${sql.whereKey(key, parameters)}`;
  const and = (conditions: readonly string[]) => conditions.map((condition) => ` AND ${condition}`).join('');
  const { layout } = sql;
  const { list, text, score } = layout;
  const between = (min: number, max: number) => layout.between(min, max, (value) => parameters.add(value));
  const counted = (min: number, max: number) => {
    const start = `(SELECT count(*) FROM ${from()}`;
    const conditions = between(min, max);
    return `${start}${and(conditions ?? ['1 = 0'])})`;
  };
  switch (query.type) {
    case 'exists':
      return NONE;
    case 'size':
      return { numbers: [`(SELECT count(*) FROM ${from()})`], answer: (_, [size]) => numbers(Number(size)) };
    case 'count':
      return { numbers: [counted(query.min, query.max)], answer: (_, [count]) => numbers(Number(count)) };
    case 'scores': {
      const { texts } = query;
      if (texts.length === 0 || layout.structure === 'list')
        return { answer: () => numbers(...texts.map(() => undefined)) };
      return {
        members: `SELECT ${list} FROM ${from()} AND ${sql.isOneOf([...new Set(texts)], parameters)}`,
        answer: (members) => {
          const scores = new Map(members.map((member) => [member.text, member.score]));
          return numbers(...texts.map((one) => scores.get(one)));
        },
      };
    }
    case 'rank': {
      const unknown: Asked = { answer: () => numbers(undefined) };
      if (layout.structure === 'list' || (sql.postgres && !isStorable(query.text))) return unknown;
      return rank(sql, key, query, parameters);
    }
    case 'slice': {
      const { min, max, offset, limit, reverse, size } = query;
      const sizes = size ? [counted(min, max)] : [];
      const sign = reverse ? -1 : 1;
      const answer: Asked['answer'] = (members, counts) => ({
        members: inOrder(members, sign),
        numbers: size ? [Number(counts[0])] : [],
      });
      if (limit === 0) return { numbers: sizes, answer };
      // What is skipped is skipped in the index, which has all but the exact scores.
      const far = layout.exact !== undefined && offset >= FAR_OFFSET;
      const found = `${from()}${and(between(min, max) ?? ['1 = 0'])}`;
      const direction = reverse ? ' DESC' : '';
      const order = [score, text].flatMap((column) => (column === undefined ? [] : [`${column}${direction}`]));
      const part = sql.ordered(far ? `${text} AS p` : list, found, order, { limit, offset }, parameters);
      const members = far ? `SELECT ${list} FROM (${part}) o CROSS JOIN ${from()} AND ${text} = o.p` : part;
      return { numbers: sizes, members, answer };
    }
    case 'between': {
      const end = (which: string, more: number) =>
        `(SELECT ${which}(${score}) FROM ${from()}) + ${parameters.add(Math.max(-FAR, Math.min(FAR, more)))}`;
      const place = (index: number) => (index < 0 ? end('MAX', index + 1) : end('MIN', index));
      const start = `SELECT ${list} FROM ${from()} AND ${score} >= ${place(query.start)}`;
      return {
        members: `${start} AND ${score} <= ${place(query.stop)}`,
        answer: (members) => ({ members: inOrder(members, 1), numbers: [] }),
      };
    }
    case 'scan': {
      const { after, limit } = query;
      const { identity } = layout;
      const found = from();
      const on = after === '' ? '' : ` AND ${identity} > ${parameters.add(after.slice(1))}`;
      const inList = layout.structure === 'list';
      return {
        members: sql.ordered(list, `${found}${on}`, [identity], { limit, offset: 0 }, parameters),
        answer: (members) => {
          const sorted = inList ? inOrder(members, 1) : [...members].sort((a, b) => compareText(a.text, b.text));
          const last = sorted.at(-1);
          const next = last && sorted.length === limit ? `=${inList ? last.score : last.text}` : undefined;
          return { members: sorted, numbers: [], next };
        },
      };
    }
  }
}

const FAR_OFFSET = 100;
// Further than a list has positions.
const FAR = 2 ** 52;

const inOrder = (members: readonly Member[], sign: number): Member[] =>
  [...members].sort((a, b) => sign * (a.score - b.score || compareText(a.text, b.text)));

/** Counts those before a member. Two counts of the index each: databases do not look up pairs in it otherwise. */
function rank(sql: CollectionStatements, key: Key, { text, reverse }: Of<'rank'>, parameters: Parameters): Asked {
  const { table, score, text: column } = sql.layout;
  const operator = reverse ? '>' : '<';
  const from = () => `FROM ${table} WHERE ${sql.whereKey(key, parameters)}`;
  const own = (what: string) => `(SELECT ${what} ${from()} AND ${column} = ${parameters.add(text)})`;
  const isThere = own('count(*)');
  const sameScore = () =>
    `(SELECT count(*) ${from()} AND ${score} = ${own(score!)} AND ${column} ${operator} ${parameters.add(text)})`;
  const counts =
    score === undefined
      ? [`(SELECT count(*) ${from()} AND ${column} ${operator} ${parameters.add(text)})`]
      : [`(SELECT count(*) ${from()} AND ${score} ${operator} ${own(score)})`, sameScore()];
  return {
    numbers: [isThere, ...counts],
    answer: (_, [there, ...found]) =>
      numbers(Number(there) === 0 ? undefined : found.reduce<number>((sum, count) => sum + Number(count), 0)),
  };
}
