import {
  BeforeInsert,
  BeforeUpdate,
  Column,
  CreateDateColumn,
  DeleteDateColumn,
  Entity,
  type EntitySubscriberInterface,
  EventSubscriber,
  type InsertEvent,
  JoinColumn,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm';
import { Cached, Fallback, KeyProps, RedisHash } from '../../../src/index.js';

@Entity('author')
export class Author {
  @PrimaryColumn('int') id!: number;
  @Column({ type: 'varchar', length: 40 }) name!: string;
  @OneToMany(
    () => Novel,
    (novel: Novel) => novel.author,
  )
  novels?: unknown[];
}

/** What listeners, subscribers, TypeORM and the database fill in, and relations with and without a column of their own. */
@RedisHash()
@Fallback('home', { through: 'typeorm' })
@Cached({ ttl: '1h' })
@Entity('novel')
export class Novel {
  declare [KeyProps]?: ['isbn'];
  @PrimaryColumn({ type: 'varchar', length: 60 }) isbn!: string;
  @Column({ type: 'varchar', length: 60 }) title!: string;
  @Column({ type: 'varchar', length: 60, nullable: true }) slug?: string | null;
  @Column({ type: 'varchar', length: 60, nullable: true }) heard?: string | null;
  @Column({ type: 'varchar', length: 20, nullable: true, default: () => "'paper'" }) cover?: string | null;
  @Column({ type: 'int', default: () => '7' }) stock?: number;
  @Column({
    type: 'varchar',
    length: 60,
    nullable: true,
    generatedType: 'STORED',
    asExpression: 'upper(title)',
    insert: false,
    update: false,
  })
  shouted?: string | null;
  @Column({ type: 'int', nullable: true }) editorId?: number | null;

  @ManyToOne(() => Author, { nullable: true }) author?: Author | null;
  @ManyToOne(() => Author, { nullable: true, eager: true }) @JoinColumn({ name: 'editorId' }) editor?: Author | null;
  @ManyToOne(() => Author, { nullable: true, lazy: true }) reader?: Promise<Author | null>;

  @CreateDateColumn() createdAt?: Date;
  @UpdateDateColumn() updatedAt?: Date;
  @DeleteDateColumn() deletedAt?: Date | null;
  @VersionColumn() revision?: number;

  @BeforeInsert() @BeforeUpdate() slugify(): void {
    this.slug = this.title.toLowerCase();
    if (this.title === 'Moved') this.isbn = 'elsewhere';
    if (this.title === 'Gone') this.deletedAt = new Date();
  }
}

@EventSubscriber()
export class NovelSubscriber implements EntitySubscriberInterface<Novel> {
  listenTo() {
    return Novel;
  }
  beforeInsert({ entity }: InsertEvent<Novel>): void {
    entity.heard = `of ${entity.title}`;
  }
}

/** Nothing says that it cannot be frozen: it has no version. */
@RedisHash()
@Fallback('home', { through: 'typeorm' })
@Entity('memo')
export class Memo {
  @PrimaryColumn({ type: 'varchar', length: 60 }) id!: string;
  @Column({ type: 'varchar', length: 60, nullable: true }) text?: string | null;

  @BeforeInsert() write(): void {
    this.text = `about ${this.id}`;
  }
}

export const throughClasses = { entities: [Novel, Memo, Author], subscribers: [NovelSubscriber] };
