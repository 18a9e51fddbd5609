import type { AnyBulkWriteOperation, Collection, Document, Filter, ObjectId, Sort } from 'mongodb';
import { type End, MEMBERS_AT_ONCE, type Member } from '../../core/collection.js';
import { Members } from '../../core/members.js';
import type { Schema } from '../../core/schema.js';
import type { NeededMembers } from '../documents/member-changes.js';
import { isTakenKey } from './faults.js';
import { type Head, type MemberDocument, memberId, memberOf } from './heads.js';
import { EXPIRES } from './layout.js';
import type { OpenMongo, Within } from './open-mongo.js';

/** The order of members: an index has it. */
const UP = { score: 1, '_id.member': 1 } as const satisfies Sort;
const DOWN = { score: -1, '_id.member': -1 } as const satisfies Sort;

// So long what was removed without a transaction is remembered, lest somebody who is late puts it back; in milliseconds.
const REMEMBERED = 3_600_000;

/** The members of one entity's collections: each a document, which belongs to a generation. */
export class MemberDocuments {
  readonly schema: Schema;
  readonly collection: Collection<MemberDocument>;
  readonly #mongo: OpenMongo;

  constructor(mongo: OpenMongo, schema: Schema, collection: Collection) {
    this.#mongo = mongo;
    this.schema = schema;
    this.collection = collection as unknown as Collection<MemberDocument>;
  }

  get #structure() {
    return this.schema.kind.structure!;
  }

  /** Those of a generation with such a score; those that were removed have none. */
  filter(of: ObjectId, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): Filter<MemberDocument> {
    return { '_id.of': of, score: { $gte: min, $lte: max } } as Document;
  }

  /** In order, from an end, without the first `offset`. */
  async slice(
    filter: Filter<MemberDocument>,
    { end, offset = 0, limit }: { readonly end: End; readonly offset?: number; readonly limit?: number | undefined },
    within: Within,
  ): Promise<Member[]> {
    if (limit !== undefined && limit <= 0) return [];
    const found = await this.collection
      .find(filter, {
        ...within,
        sort: this.#sort(end),
        ...(offset > 0 && { skip: offset }),
        ...(limit !== undefined && Number.isFinite(limit) && { limit }),
        batchSize: MEMBERS_AT_ONCE,
      })
      .toArray();
    return found.map(memberOf);
  }

  #sort(end: End): Sort {
    if (this.#structure === 'list') return { score: end === 'first' ? 1 : -1 };
    return end === 'first' ? UP : DOWN;
  }

  async count(filter: Filter<MemberDocument>, within: Within): Promise<number> {
    return this.collection.countDocuments(filter, within);
  }

  /** All members of generations, each by the text of its generation. */
  async all(generations: readonly ObjectId[], within: Within): Promise<Map<string, Member[]>> {
    const found = new Map<string, Member[]>(generations.map((of) => [of.toHexString(), []]));
    const cursor = this.collection.find(
      { '_id.of': { $in: generations }, score: { $gte: Number.NEGATIVE_INFINITY } } as Document,
      { ...within, batchSize: MEMBERS_AT_ONCE },
    );
    for await (const document of cursor) found.get(document._id.of.toHexString())!.push(memberOf(document));
    return found;
  }

  /** Those of these texts that are there. */
  async texts(of: ObjectId, texts: readonly string[], within: Within): Promise<Member[]> {
    const found: Member[] = [];
    for (let from = 0; from < texts.length; from += MEMBERS_AT_ONCE) {
      const $in = texts.slice(from, from + MEMBERS_AT_ONCE).map((member) => ({ of, member }));
      const some = await this.collection.find({ _id: { $in } } as Document, within).toArray();
      found.push(...some.filter(({ score }) => score !== undefined).map(memberOf));
    }
    return found;
  }

  /** Those after a text, in the order of the texts; of a list after a place. */
  async after(of: ObjectId, after: string | undefined, limit: number, within: Within): Promise<Member[]> {
    if (this.#structure === 'list') {
      const score = { $gte: Number.NEGATIVE_INFINITY, ...(after !== undefined && { $gt: Number(after) }) };
      return this.slice({ '_id.of': of, score } as Document, { end: 'first', limit }, within);
    }
    // By the index of all ids, in which those of a generation lie together.
    const from = after === undefined ? { $gte: { of, member: '' } } : { $gt: { of, member: after } };
    const found = await this.collection
      .find({ _id: { ...from, $lt: { of, member: {} } }, score: { $gte: Number.NEGATIVE_INFINITY } } as Document, {
        ...within,
        sort: { _id: 1 },
        limit,
      })
      .toArray();
    return found.map(memberOf);
  }

  /** Those that a change needs. */
  async needed(of: ObjectId, { texts, first, last }: NeededMembers, within: Within): Promise<Members> {
    const some = texts.length > 0 ? await this.texts(of, texts, within) : [];
    if (first > 0) some.push(...(await this.slice(this.filter(of), { end: 'first', limit: first }, within)));
    if (last > 0) some.push(...(await this.slice(this.filter(of), { end: 'last', limit: last }, within)));
    const list = this.#structure === 'list';
    return Members.of(this.#structure, [...new Map(some.map((one) => [list ? one.score : one.text, one])).values()]);
  }

  /** The document of a member. */
  #document(head: Pick<Head, 'generation' | 'revision' | '_expires_at'>, member: Member): MemberDocument {
    const { generation, revision, _expires_at } = head;
    const { Double } = this.#mongo.mongodb;
    return {
      _id: memberId(this.#structure, generation, member),
      score: new Double(member.score) as unknown as number,
      ...(this.#structure === 'list' && { item: member.text }),
      revision,
      ...(_expires_at && { [EXPIRES]: _expires_at }),
    };
  }

  /** Puts members of a new generation in place; `each` is called between the parts. */
  async insert(head: Head, members: Iterable<Member>, within: Within, each?: () => Promise<void>): Promise<void> {
    let part: MemberDocument[] = [];
    const flush = async () => {
      if (part.length > 0) await this.collection.insertMany(part, { ...within, ordered: false });
      part = [];
    };
    for (const member of members) {
      part.push(this.#document(head, member));
      if (part.length < MEMBERS_AT_ONCE) continue;
      await flush();
      await each?.();
    }
    await flush();
  }

  /** Within a transaction: members that have changed. */
  async change(head: Head, put: readonly Member[], remove: readonly Member[], within: Within): Promise<void> {
    const id = (member: Member) => ({ _id: memberId(this.#structure, head.generation, member) }) as Document;
    const operations: AnyBulkWriteOperation<MemberDocument>[] = [
      ...remove.map((member) => ({ deleteOne: { filter: id(member) } })),
      ...put.map((member) => {
        const { _id, ...replacement } = this.#document(head, member);
        return { replaceOne: { filter: id(member), replacement, upsert: true } };
      }),
    ];
    if (operations.length > 0) await this.collection.bulkWrite(operations, { ...within, ordered: true });
  }

  /**
   * Without transactions: the same, by whoever comes first, and perhaps by several. What a later change has written stays,
   * and what it removed is not put back.
   */
  async catchUp(head: Head, put: readonly Member[], remove: readonly Member[]): Promise<void> {
    const older = (member: Member) =>
      ({ _id: memberId(this.#structure, head.generation, member), revision: { $lt: head.revision } }) as Document;
    const gone = new Date(this.#mongo.clock.now() + REMEMBERED);
    const operations: AnyBulkWriteOperation<MemberDocument>[] = [
      ...remove.map((member) => ({
        updateOne: {
          filter: older(member),
          update: { $set: { revision: head.revision, [EXPIRES]: gone }, $unset: { score: 1, item: 1 } } as Document,
        },
      })),
      ...put.map((member) => {
        const { _id, ...replacement } = this.#document(head, member);
        return { replaceOne: { filter: older(member), replacement, upsert: true } };
      }),
    ];
    for (let from = 0; from < operations.length; from += MEMBERS_AT_ONCE)
      try {
        await this.collection.bulkWrite(operations.slice(from, from + MEMBERS_AT_ONCE), { ordered: false });
      } catch (error) {
        // Somebody else has put it there already: that, or something later.
        if (!isTakenKey(error)) throw error;
      }
  }

  /** Deletes all of a generation. */
  async drop(of: ObjectId, within: Within): Promise<void> {
    await this.collection.deleteMany({ '_id.of': of } as Document, within);
  }
}
