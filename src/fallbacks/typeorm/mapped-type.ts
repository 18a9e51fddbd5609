import type { FieldTypeName } from '../../core/codecs.js';

/** What TypeORM's metadata says of a column's type. */
export interface MappedType {
  /** The type given to `@Column`, or taken from the property. */
  readonly type: unknown;
  /** `design:type` of the property; `undefined` where it says nothing of the stored value. */
  readonly designType: unknown;
  /** A column of PostgreSQL that holds an array. */
  readonly array: boolean;
}

const NAMES: Readonly<Record<FieldTypeName, readonly string[]>> = {
  boolean: ['boolean', 'bool'],
  integer: ['int', 'int2', 'int4', 'integer', 'tinyint', 'smallint', 'mediumint', 'year', 'serial'],
  number: ['float', 'float4', 'float8', 'double', 'double precision', 'real'],
  date: ['datetime', 'timestamp', 'timestamptz', 'timestamp with time zone', 'timestamp without time zone'],
  bytes: ['bytea', 'blob', 'tinyblob', 'mediumblob', 'longblob', 'binary', 'varbinary'],
  json: [
    'json',
    'jsonb',
    'simple-json',
    'simple-array',
    'point',
    'circle',
    'interval',
    'hstore',
    'vector',
    'halfvec',
    'set',
  ],
  string: [
    'text',
    'tinytext',
    'mediumtext',
    'longtext',
    'citext',
    'varchar',
    'nvarchar',
    'character varying',
    'national varchar',
    'varying character',
    'native character',
    'char',
    'nchar',
    'national char',
    'character',
    'clob',
    'uuid',
    'enum',
    'simple-enum',
    'date',
    'time',
    'timetz',
    'time with time zone',
    'time without time zone',
    'inet',
    'inet4',
    'inet6',
    'cidr',
    'macaddr',
    'macaddr8',
    'xml',
    'money',
    'ltree',
    'tsvector',
    'bit',
    'varbit',
    'bit varying',
  ],
  bigint: [],
  text: [],
};

const byName = new Map(
  Object.entries(NAMES).flatMap(([type, names]) => names.map((name) => [name, type as FieldTypeName])),
);
const byClass = new Map<unknown, FieldTypeName>([
  [String, 'string'],
  [Number, 'integer'],
  [Boolean, 'boolean'],
  [Date, 'date'],
]);
// TypeORM gives these as strings, so that no digit is lost, whatever the property says.
const DIGITS = new Set<unknown>([
  'bigint',
  'int8',
  'int64',
  'unsigned big int',
  'decimal',
  'dec',
  'numeric',
  'fixed',
  'number',
]);

/** The field type that a column's values are, or `undefined` where there is none. */
export function mappedType({ type, designType, array }: MappedType): FieldTypeName | undefined {
  if (array) return 'json';
  if (typeof type === 'function')
    return byClass.get(type) ?? (type.prototype instanceof Uint8Array ? 'bytes' : undefined);
  if (DIGITS.has(type)) {
    if (designType === BigInt) return 'bigint';
    if (designType !== Number) return 'string';
    return type === 'bigint' || type === 'int8' ? 'integer' : 'number';
  }
  // A numeric enum comes back as numbers.
  if ((type === 'enum' || type === 'simple-enum') && designType === Number) return 'number';
  return byName.get(type as string);
}
