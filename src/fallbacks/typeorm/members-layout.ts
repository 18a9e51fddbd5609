import type { Member, Structure } from '../../core/collection.js';
import { ValidationError } from '../../core/errors.js';
import { placeOf } from '../../core/geo.js';
import type { Key, Schema } from '../../core/schema.js';
import type { Dialect } from './dialect.js';
import type { Layout } from './layout.js';
import { type MemberPart, memberParts } from './member-parts.js';
import { type ScoreColumn, scoreColumn } from './score-column.js';

/** One column of the table of members, beside those of the key. */
interface MemberColumn {
  readonly quoted: string;
  /** Its type as an array, where the database has arrays. */
  readonly arrayType: string;
}

/** How the members of one entity's collections lie in their table. */
export class MembersLayout {
  readonly schema: Schema;
  readonly structure: Structure;
  readonly table: string;
  /** The table of the collections, one row each. */
  readonly head: Layout;
  /** All columns but the key's, in the order of {@link MembersLayout.values}. */
  readonly columns: readonly MemberColumn[];
  /** Quoted; in a list the item. */
  readonly text: string;
  /** Quoted: score, geohash or position; a set has none. */
  readonly score: string | undefined;
  readonly longitude: string | undefined;
  readonly latitude: string | undefined;
  /** Of scores, not of geohashes or positions. */
  readonly scores: ScoreColumn;
  /** Most characters of a member; `undefined` for no limit. */
  readonly length: number | undefined;
  /** What tells the columns of a member's row apart: the position in a list, else the text. */
  readonly identity: string;
  /** What is read of a member. */
  readonly list: string;
  /** The names that {@link MembersLayout.list} gives, for who selects from what selected it. */
  readonly names: readonly string[];
  /** Quoted: what names a score that the column of scores cannot hold; not in every database. */
  readonly exact: string | undefined;
  readonly #whole: boolean;

  constructor(schema: Schema, head: Layout, table: string, dialect: Dialect) {
    const parts = memberParts(schema, dialect);
    const quoted = (role: MemberPart['role']) => {
      const part = parts.find((one) => one.role === role);
      return part && dialect.quote(part.name);
    };
    const keyTexts = head.keys.filter(({ storage }) => storage === 'text').length + 1;
    this.schema = schema;
    this.structure = schema.kind.structure!;
    this.table = table;
    this.head = head;
    this.columns = parts.map(({ name, storage, length }) => ({
      quoted: dialect.quote(name),
      arrayType: `${dialect.column({ storage, length }).sql}[]`,
    }));
    this.text = quoted('text')!;
    this.score = quoted('score');
    this.longitude = quoted('longitude');
    this.latitude = quoted('latitude');
    this.exact = quoted('exact');
    this.#whole = this.structure === 'geo-set' || this.structure === 'list';
    this.scores = scoreColumn(dialect.name);
    this.length = this.structure === 'list' ? undefined : dialect.column({ storage: 'text', keyTexts }).length;
    this.identity = this.structure === 'list' ? this.score! : this.text;
    const { integer, number } = dialect.codecs;
    const score = this.score && (this.#whole ? integer : number).select(this.score);
    this.list = [
      `${this.text} AS t`,
      ...(score === undefined ? [] : [`${score} AS s`]),
      ...(this.exact === undefined ? [] : [`${this.exact} AS e`]),
    ].join(', ');
    this.names = ['t', ...(this.score === undefined ? [] : ['s']), ...(this.exact === undefined ? [] : ['e'])];
  }

  /** The row of a member, without its key. @throws ValidationError where the database cannot keep it */
  values({ text, score }: Member): unknown[] {
    switch (this.structure) {
      case 'set':
        return [text];
      case 'list':
        return [score, text];
      case 'geo-set': {
        const { longitude, latitude } = placeOf(score);
        return [text, score, longitude, latitude];
      }
      case 'sorted-set': {
        if (this.scores.refuses(score)) throw this.#refusal(score);
        const [raw, exact] = this.scores.toSql(score);
        return this.exact === undefined ? [text, raw] : [text, raw, exact];
      }
    }
  }

  #refusal(score: number): ValidationError {
    return new ValidationError(
      `${this.schema.target.name} has a member with the score ${score}, the one number that this database has no room for; nothing was written. Use the next one.`,
    );
  }

  /** The member of what was read by {@link MembersLayout.list}. @throws CorruptPlain */
  member(values: readonly unknown[]): Member {
    const [text, raw, exact] = values;
    return { text: text as string, score: this.score === undefined ? 0 : this.#toScore(raw, exact) };
  }

  #toScore(raw: unknown, exact: unknown): number {
    return this.#whole ? Number(raw) : this.scores.toScore(raw, exact);
  }

  /** The conditions that hold for scores from `min` to `max`, or `undefined` where none has such a score. */
  between(min: number, max: number, add: (value: unknown) => string): string[] | undefined {
    if (min > max) return undefined;
    if (this.score === undefined) return min <= 0 && max >= 0 ? [] : undefined;
    if (this.#whole) return this.#wholeBetween(Math.ceil(min), Math.floor(max), add);
    const conditions: string[] = [];
    if (min !== Number.NEGATIVE_INFINITY) {
      const [operator, bound] = this.scores.from(min);
      conditions.push(`${this.score} ${operator} ${add(bound)}`);
    }
    if (max !== Number.POSITIVE_INFINITY) {
      const [operator, bound] = this.scores.to(max);
      conditions.push(`${this.score} ${operator} ${add(bound)}`);
    }
    return conditions;
  }

  #wholeBetween(min: number, max: number, add: (value: unknown) => string): string[] {
    const { MIN_SAFE_INTEGER, MAX_SAFE_INTEGER } = Number;
    return [
      ...(min > MIN_SAFE_INTEGER ? [`${this.score} >= ${add(Math.min(min, MAX_SAFE_INTEGER))}`] : []),
      ...(max < MAX_SAFE_INTEGER ? [`${this.score} <= ${add(Math.max(max, MIN_SAFE_INTEGER))}`] : []),
    ];
  }

  keyValues(key: Key): unknown[] {
    return this.head.keyValues(key);
  }
}
