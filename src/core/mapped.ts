import type { FieldPart, KeyPart } from './schema.js';

/** Something about a mapped class that does not go together with Holdfast; the class's name is put before it. */
export interface MappedFault {
  /** `undefined` where it concerns the class as a whole. */
  readonly property: string | undefined;
  /** What is wrong, as a sentence. */
  readonly fact: string;
  /** What to write instead, as a sentence. */
  readonly remedy: string;
}

/** What TypeORM's own metadata says of a class that TypeORM maps. */
export interface MappedEntity {
  readonly target: Function;
  /** The table. */
  readonly table: string;
  /** In the order in which TypeORM declares them; `column` is the column's name. */
  readonly keys: readonly KeyPart[];
  /**
   * All other columns, inherited ones first. A transformer is part of the field's codec. The column that TypeORM calls the
   * version is among them.
   */
  readonly fields: readonly FieldPart[];
  /** The name of the property that counts versions. */
  readonly version: string | undefined;
  /** What can be stored by TypeORM's own repository only: listeners, subscribers, soft delete, relations. Faults unless the entity says `through: 'typeorm'`. */
  readonly refusals: readonly MappedFault[];
  /** What cannot be stored at all: a boolean key, a column type without a codec. Always faults. */
  readonly faults: readonly MappedFault[];
}
