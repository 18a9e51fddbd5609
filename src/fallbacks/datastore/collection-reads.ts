import { type Answer, type CollectionQuery, type Member, valueOfMembers } from '../../core/collection.js';
import { geohashRanges, type Place, placeOf } from '../../core/geo.js';
import type { Entry } from '../../core/kind.js';
import { Members } from '../../core/members.js';
import type { DatastoreLink, Transaction } from './link.js';
import type { Head, MemberLayout, Range } from './member-layout.js';
import { type KindQuery, pathText, type WireEntity } from './wire.js';

type Of<T extends CollectionQuery['type']> = Extract<CollectionQuery, { readonly type: T }>;

const numbers = (...some: readonly (number | undefined)[]): Answer => ({ members: [], numbers: some });
const NOTHING: Answer = { members: [], numbers: [] };

/** Reads of one collection whose head was read in the same transaction. */
export class CollectionReads {
  readonly #link: DatastoreLink;
  readonly #layout: MemberLayout;
  readonly #transaction: Transaction | undefined;
  readonly #id: string;
  readonly #head: Head;

  constructor(link: DatastoreLink, layout: MemberLayout, transaction: Transaction | undefined, id: string, head: Head) {
    this.#link = link;
    this.#layout = layout;
    this.#transaction = transaction;
    this.#id = id;
    this.#head = head;
  }

  /** What `query` asks for, of one that is there. */
  async entry(query: CollectionQuery | undefined): Promise<Entry> {
    const { expiresAt } = this.#head;
    const value = query === undefined ? valueOfMembers(await this.members()) : await this.#answer(query);
    return expiresAt === undefined ? { value } : { value, expiresAt };
  }

  /** All members. */
  async members(): Promise<Members> {
    const { structure, kind } = this.#layout;
    const filters = this.#layout.keysAfter(this.#head.generation);
    return Members.of(structure, await this.#read({ kind, filters }));
  }

  /** Those of the texts that are members. */
  async find(texts: readonly string[]): Promise<Member[]> {
    const { structure } = this.#layout;
    if (structure === 'list') return [];
    const keys = texts.flatMap((text) => this.#layout.memberKey(this.#head.generation, { text, score: 0 }) ?? []);
    if (keys.length === 0) return [];
    const found = await this.#link.lookup(keys, this.#transaction);
    return keys.flatMap((key) => {
      const there = found.get(pathText(key.path));
      return there ? [this.#member(there.entity)] : [];
    });
  }

  /** So many members from one end. */
  edge(end: 'first' | 'last', limit: number): Promise<Member[]> {
    return this.#range(this.#layout.whole(this.#head.generation), { descending: end === 'last', limit });
  }

  async #answer(query: CollectionQuery): Promise<Answer> {
    const { generation } = this.#head;
    switch (query.type) {
      case 'exists':
        return NOTHING;
      case 'size':
        return numbers(await this.#size());
      case 'count':
        return numbers(await this.#count(this.#layout.scores(generation, query.min, query.max)));
      case 'scores': {
        const found = await this.find([...new Set(query.texts)]);
        const scores = new Map(found.map(({ text, score }) => [text, score]));
        return numbers(...query.texts.map((text) => scores.get(text)));
      }
      case 'rank':
        return this.#rank(query);
      case 'slice':
        return this.#slice(query);
      case 'between':
        return this.#between(query);
      case 'near':
        return this.#near(query);
      case 'scan':
        return this.#scan(query);
    }
  }

  async #size(): Promise<number> {
    return this.#head.size ?? this.#count(this.#layout.whole(this.#head.generation));
  }

  async #count(range: Range | undefined): Promise<number> {
    if (!range || range[0] >= range[1]) return 0;
    return this.#link.count({ kind: this.#layout.kind, filters: this.#layout.between(range) }, this.#transaction);
  }

  async #rank({ text, reverse }: Of<'rank'>): Promise<Answer> {
    const [member] = await this.find([text]);
    if (!member) return numbers(undefined);
    const range = this.#layout.beside(this.#head.generation, member, reverse ? 'after' : 'before');
    return numbers(await this.#count(range));
  }

  async #slice({ min, max, offset, limit, reverse, size }: Of<'slice'>): Promise<Answer> {
    const range = this.#layout.scores(this.#head.generation, min, max);
    const [members, count] = await Promise.all([
      range ? this.#range(range, { descending: reverse, limit, offset }) : [],
      size ? this.#count(range) : undefined,
    ]);
    return { members, numbers: count === undefined ? [] : [count] };
  }

  async #between({ start, stop }: Of<'between'>): Promise<Answer> {
    const { generation, first, size } = this.#head;
    const index = (given: number) => (given < 0 ? size! + given : given);
    const [from, to] = [Math.max(0, index(start)), Math.min(size! - 1, index(stop))];
    if (from > to) return NOTHING;
    const range = this.#layout.scores(generation, first! + from, first! + to)!;
    return { members: await this.#range(range, { descending: false }), numbers: [] };
  }

  async #near(query: Of<'near'>): Promise<Answer> {
    const center = await this.#center(query.center);
    if (!center) return NOTHING;
    const found = await Promise.all(
      geohashRanges(center, query.area).map(([min, max]) =>
        this.#range(this.#layout.scores(this.#head.generation, min, max)!, { descending: false }),
      ),
    );
    const { schema } = this.#layout;
    const value = valueOfMembers(Members.of('geo-set', found.flat()));
    return schema.kind.select(schema, value, { ...query, center }) as Answer;
  }

  async #center(center: Of<'near'>['center']): Promise<Place | undefined> {
    if (typeof center !== 'string') return center;
    const [member] = await this.find([center]);
    return member && placeOf(member.score);
  }

  async #scan({ after, limit }: Of<'scan'>): Promise<Answer> {
    const { kind, structure } = this.#layout;
    const list = structure === 'list';
    const last = after.slice(1);
    const from = after === '' ? undefined : { text: last, score: list ? Number(last) : 0 };
    const filters = this.#layout.keysAfter(this.#head.generation, from);
    const members = await this.#read({ kind, filters, limit });
    const end = members.at(-1);
    const next = end && members.length === limit ? `=${list ? end.score : end.text}` : undefined;
    return { members, numbers: [], next };
  }

  /** The members of a range, in their order. */
  async #range(
    range: Range,
    {
      descending,
      limit,
      offset = 0,
    }: { readonly descending: boolean; readonly limit?: number | undefined; readonly offset?: number },
  ): Promise<Member[]> {
    if (range[0] >= range[1] || limit === 0) return [];
    const { kind, order } = this.#layout;
    return this.#read({
      kind,
      filters: this.#layout.between(range),
      order: { property: order, descending },
      limit,
      offset,
    });
  }

  async #read(query: KindQuery): Promise<Member[]> {
    const members: Member[] = [];
    for await (const some of this.#link.query(query, this.#transaction))
      for (const entity of some) members.push(this.#member(entity));
    return members;
  }

  #member(entity: WireEntity): Member {
    return this.#layout.memberOf(this.#id, entity);
  }
}
