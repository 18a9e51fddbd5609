import { expect, test } from '@jest/globals';
import {
  AfterLoad,
  BeforeInsert,
  Column,
  CreateDateColumn,
  DeleteDateColumn,
  Entity,
  EventSubscriber,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  VersionColumn,
  ViewEntity,
} from 'typeorm';
import { mappedEntity } from '../../../src/fallbacks/typeorm/mapped.js';

test('a class that TypeORM does not map is none of its entities', () => {
  class Plain {}
  expect(mappedEntity(Plain)).toBeUndefined();
});

test('key, fields, version and types are what the decorators of TypeORM say', () => {
  abstract class Base {
    @Column() label!: string;
    @VersionColumn() revision!: number;
  }
  @Entity('old_items')
  class OldItem extends Base {
    @PrimaryColumn({ name: 'country_code', length: 2 }) country!: string;
    @PrimaryColumn() id!: number;
    @Column({ nullable: true, type: 'varchar', length: 80, name: 'e_mail' }) email?: string | null;
    @Column('double precision') weight!: number;
    @Column('decimal', { precision: 20, scale: 5 }) price!: string;
    @Column('numeric') ratio!: number;
    @Column('bigint') total!: string;
    @Column('bigint') exact!: bigint;
    @Column('simple-json') tags!: object;
    @Column('timestamp') seen!: Date;
    @Column() active!: boolean;
    @Column('bytea') raw!: Buffer;
    @Column({ default: 'new' }) state!: string;
  }
  const mapped = mappedEntity(OldItem)!;
  expect(mapped.table).toBe('old_items');
  expect(mapped.keys).toEqual([
    { name: 'country', column: 'country_code', type: 'string', storage: 'text' },
    { name: 'id', column: 'id', type: 'integer', storage: 'integer' },
  ]);
  expect(
    mapped.fields.map(({ name, column, storage, nullable, length }) => [name, column, storage, nullable, length]),
  ).toEqual([
    ['label', 'label', 'text', false, undefined],
    ['revision', 'revision', 'integer', false, undefined],
    ['email', 'e_mail', 'text', true, 80],
    ['weight', 'weight', 'number', false, undefined],
    ['price', 'price', 'text', false, undefined],
    ['ratio', 'ratio', 'number', false, undefined],
    ['total', 'total', 'text', false, undefined],
    ['exact', 'exact', 'bigint', false, undefined],
    ['tags', 'tags', 'json', false, undefined],
    ['seen', 'seen', 'date', false, undefined],
    ['active', 'active', 'boolean', false, undefined],
    ['raw', 'raw', 'bytes', false, undefined],
    ['state', 'state', 'text', false, undefined],
  ]);
  expect(mapped.fields.at(-1)!.defaultValue?.()).toBe('new');
  expect(mapped.version).toBe('revision');
  expect([mapped.faults, mapped.refusals]).toEqual([[], []]);
});

test('the table has the name that TypeORM would give it, and generated ids are generated', () => {
  @Entity()
  class HTTPLogEntry {
    @PrimaryGeneratedColumn('uuid') id!: string;
  }
  expect(mappedEntity(HTTPLogEntry)).toMatchObject({
    table: 'http_log_entry',
    keys: [{ name: 'id', type: 'string', generate: 'uuid' }],
  });
});

test('transformers are part of the codec of their field', () => {
  class Money {
    constructor(readonly cents: number) {}
    to(value: Money): number {
      return value.cents + this.cents;
    }
    from(value: number): Money {
      return new Money(value - this.cents);
    }
  }
  const double = { to: (value: number) => value * 2, from: (value: number) => value / 2 };
  @Entity()
  class Account {
    @PrimaryColumn() id!: string;
    @Column('int', { transformer: [new Money(1000), double] }) balance!: Money;
  }
  const { codec } = mappedEntity(Account)!.fields[0]!;
  expect(codec.storage).toBe('integer');
  expect(codec.encode(new Money(5))).toBe(2010);
  expect(codec.decode(2010)).toEqual(new Money(5));
});

test("what only TypeORM's own repository would do is reported, by property", () => {
  class Author {}
  @Entity()
  class Article {
    @PrimaryColumn() id!: string;
    @ManyToOne(() => Author) author!: unknown;
    @OneToMany(
      () => Article,
      (article: Article) => article.id,
    )
    answers!: unknown[];
    @DeleteDateColumn() deletedAt?: Date;
    @CreateDateColumn() createdAt!: Date;
    @Column({ update: false }) origin!: string;
    @BeforeInsert() setOrigin(): void {}
    @AfterLoad() note(): void {}
  }
  @EventSubscriber()
  class ArticleSubscriber {
    listenTo() {
      return Article;
    }
  }
  @EventSubscriber()
  class OtherSubscriber {
    listenTo() {
      return Author;
    }
  }
  const { refusals, fields, faults } = mappedEntity(Article)!;
  expect(faults).toEqual([]);
  expect(fields.map(({ name, nullable }) => [name, nullable])).toEqual([
    ['deletedAt', true],
    ['createdAt', false],
    ['origin', false],
  ]);
  expect(refusals.map(({ property, fact }) => [property, fact])).toEqual([
    ['setOrigin', "is a listener of TypeORM's (before-insert), which Holdfast does not call."],
    ['note', "is a listener of TypeORM's (after-load), which Holdfast does not call."],
    [
      undefined,
      `is listened to by the subscriber ${ArticleSubscriber.name} of TypeORM's, which Holdfast does not call.`,
    ],
    ['author', 'is a relation (many-to-one), which Holdfast does not store.'],
    ['answers', 'is a relation (one-to-many), which Holdfast does not store.'],
    ['deletedAt', 'makes deletes soft, which Holdfast does not do.'],
    ['createdAt', 'is a date that TypeORM sets by itself.'],
    ['origin', 'is not always written by TypeORM.'],
  ]);
  expect(new Set(refusals.map(({ remedy }) => remedy))).toEqual(
    new Set(["Go by TypeORM's own repository: @Fallback(name, { through: 'typeorm' })."]),
  );
  expect(OtherSubscriber.name).toBe('OtherSubscriber');
});

test('what cannot be stored at all is reported', () => {
  class Address {
    @Column() street!: string;
  }
  @Entity()
  class Odd {
    @PrimaryColumn('bigint') id!: string;
    @PrimaryColumn() flag!: boolean;
    @PrimaryColumn({ transformer: { to: (value) => value, from: (value) => value } }) coded!: string;
    @Column(() => Address) address!: Address;
    @Column('geometry') place!: unknown;
  }
  @ViewEntity({ expression: 'select 1 as id' })
  class View {
    @PrimaryColumn() id!: number;
  }
  @Entity()
  class Keyless {
    @Column() name!: string;
  }
  expect(mappedEntity(Odd)!.faults.map(({ property, fact }) => [property, fact])).toEqual([
    ['address', 'is embedded, with columns of its own.'],
    ['id', 'is part of the key and a string, but its column is of type bigint, in which different strings are alike.'],
    ['flag', 'is part of the key, but of type Boolean.'],
    ['coded', 'is part of the key, but has a transformer.'],
    ['place', 'has the column type geometry, which Holdfast cannot store.'],
  ]);
  expect(mappedEntity(View)!.faults).toMatchObject([{ fact: 'is a view, which cannot be written to.' }]);
  expect(mappedEntity(Keyless)!.faults).toMatchObject([{ fact: 'has no primary column in TypeORM.' }]);
});
