import {
  AfterLoad,
  BeforeInsert,
  BeforeUpdate,
  Column,
  CreateDateColumn,
  DeleteDateColumn,
  Entity,
  ManyToOne,
  PrimaryColumn,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm';

export class Money {
  constructor(readonly cents: number) {}
}

/** A class as TypeORM maps it, without anything that Holdfast would not do. */
@Entity('stock')
export class Stock {
  @PrimaryColumn({ type: 'varchar', length: 40 }) warehouse!: string;
  @PrimaryColumn({ name: 'item_no' }) item!: number;
  @Column({ name: 'display name', type: 'varchar', length: 50 }) label!: string;
  @Column({ type: 'varchar', nullable: true }) note?: string | null;
  @Column('int') count!: number;
  @Column('double precision') weight!: number;
  @Column('decimal', { precision: 12, scale: 3 }) price!: number;
  @Column('bigint') serial!: string;
  @Column() active!: boolean;
  @Column() since!: Date;
  @Column('simple-json') tags!: string[];
  @Column('simple-array') colours!: string[];
  @Column('int', {
    transformer: { to: (money: Money) => money.cents, from: (cents: number) => new Money(cents) },
  })
  value!: Money;
  @VersionColumn() revision!: number;
}

/** A title that its listener does not let pass, and what it throws. */
export const FORBIDDEN = 'Forbidden';
export const refusal = new Error('not with me');

/** What its listeners were told. */
export const heard: string[] = [];

@Entity('publisher')
export class Publisher {
  @PrimaryColumn() id!: number;
  @Column() name!: string;
}

/** A class that needs TypeORM's own repository. */
@Entity('book')
export class Book {
  @PrimaryColumn({ type: 'varchar', length: 60 }) isbn!: string;
  @Column() title!: string;
  @Column({ type: 'varchar', nullable: true }) slug?: string | null;
  @Column('int', { nullable: true }) pages?: number | null;
  @ManyToOne(() => Publisher, { nullable: true }) publisher?: Publisher;
  @CreateDateColumn() createdAt!: Date;
  @UpdateDateColumn() updatedAt!: Date;
  @DeleteDateColumn() deletedAt?: Date | null;
  @VersionColumn() revision!: number;

  @BeforeInsert() inserting(): void {
    if (this.title === FORBIDDEN) throw refusal;
    this.slug = this.title.toLowerCase();
    heard.push(`insert ${this.isbn}`);
  }
  @BeforeUpdate() updating(): void {
    this.slug = this.title.toLowerCase();
    heard.push(`update ${this.isbn}`);
  }
  @AfterLoad() loaded(): void {
    heard.push(`load ${this.isbn}`);
  }
}
