import type { Collection, Document } from 'mongodb';
import { Members } from '../../core/members.js';
import type { Key, Schema } from '../../core/schema.js';
import { ChangesAlone } from './changes-alone.js';
import { ChangesWithin } from './changes-within.js';
import type { Found, Plan } from './collection-plan.js';
import { CollectionReads } from './collection-reads.js';
import { Generations } from './generations.js';
import { type Head, unchanged } from './heads.js';
import { EXPIRES, type Layout } from './layout.js';
import { MemberDocuments } from './members.js';
import type { OpenMongo, Within } from './open-mongo.js';
import { hasEnded } from './row-batch.js';

type Replace = Extract<Plan, { type: 'replace' }>;
type Touch = Extract<Plan, { type: 'touch' }>;

/** The collections of one entity: for each a head, and its members by themselves. */
export class Collections {
  readonly mongo: OpenMongo;
  readonly layout: Layout;
  readonly heads: Collection;
  readonly members: MemberDocuments;
  readonly generations: Generations;
  readonly reads = new CollectionReads(this);
  readonly within = new ChangesWithin(this);
  readonly alone = new ChangesAlone(this);

  constructor(mongo: OpenMongo, layout: Layout, heads: Collection, members: Collection) {
    this.mongo = mongo;
    this.layout = layout;
    this.heads = heads;
    this.members = new MemberDocuments(mongo, layout.schema, members);
    this.generations = new Generations(mongo, this.members, heads);
  }

  get schema(): Schema {
    return this.layout.schema;
  }

  /** Gives the members what the head has already. */
  async finish(head: Head): Promise<void> {
    const { pending } = head;
    if (!pending) return;
    await this.members.catchUp(head, pending.put, pending.remove);
    await this.heads.updateOne(unchanged(head), { $unset: { pending: 1 } });
  }

  /** What a change looks at; `null` where there is none. */
  found(head: Head | null, within: Within): Found | null {
    if (!head || hasEnded(head as Document, this.mongo.clock.now())) return null;
    const { generation, count } = head;
    const { structure } = this.schema.kind;
    return {
      size: count,
      expiresAt: head[EXPIRES]?.getTime(),
      needed: (needed) => this.members.needed(generation, needed, within),
      all: async () => {
        const all = await this.members.all([generation], within);
        return Members.of(structure!, [...all.values()][0]!);
      },
    };
  }

  /** The head of a new generation. */
  next(key: Key, { size, expiresAt }: Pick<Replace, 'size' | 'expiresAt'>): Head {
    return {
      _id: this.layout.id(key),
      generation: new this.mongo.mongodb.ObjectId(),
      count: size,
      revision: 1,
      ...(expiresAt !== undefined && { [EXPIRES]: new Date(expiresAt) }),
    };
  }

  /** The head after one more change. */
  touched(head: Head, { size }: Touch): Head {
    return { ...head, count: size, revision: head.revision + 1 };
  }
}
