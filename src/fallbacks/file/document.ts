import { isUtf8 } from 'node:buffer';
import { membersOf, type Structure, valueOfMembers } from '../../core/collection.js';
import { CorruptEntryError } from '../../core/errors.js';
import type { Entry, Value } from '../../core/kind.js';
import type { Members } from '../../core/members.js';
import { CorruptPlain, jsonToPlain, plainToJson, samePlain } from '../../core/plain.js';
import type { Key, Row, Schema } from '../../core/schema.js';
import { jsonToMembers, membersToJson } from './members.js';

/** The JSON document of an entry: the entity, the key, each field that is not absent or all members, and when it expires. */
export function encodeDocument(schema: Schema, key: Key, entry: Entry): string {
  const parts = schema.keys.map((part, at) => member(part.column, plainToJson(part.storage, key.parts[at]!)));
  const fields =
    schema.kind.structure === undefined
      ? rowFields(schema, entry.value as Row)
      : [`${JSON.stringify(schema.fields[0]!.column)}: ${membersToJson(membersOf(entry.value))}`];
  const lines = [member('entity', schema.name), member('id', key.id), `"key": { ${parts.join(', ')} }`];
  if (entry.expiresAt !== undefined) lines.push(member('expiresAt', entry.expiresAt));
  lines.push(fields.length === 0 ? '"fields": {}' : `"fields": {\n    ${fields.join(',\n    ')}\n  }`);
  return `{\n  ${lines.join(',\n  ')}\n}\n`;
}

function rowFields(schema: Schema, row: Row): string[] {
  return row.flatMap((plain, at) => {
    const { column, storage } = schema.fields[at]!;
    if (plain === undefined) return [];
    // JSON text goes in as it stands.
    return storage === 'json' && plain !== null
      ? `${JSON.stringify(column)}: ${plain}`
      : member(column, plainToJson(storage, plain));
  });
}

const member = (name: string, value: unknown): string => `${JSON.stringify(name)}: ${JSON.stringify(value)}`;

/** A document that is not what its schema says. */
class Damage extends Error {}

type Json = Record<string, unknown>;

function objectAt(tree: Json, name: string): Json {
  const value = Object.hasOwn(tree, name) ? tree[name] : undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Damage(`it has no object '${name}'`);
  return value as Json;
}

function parse(content: Buffer): Json {
  if (!isUtf8(content)) throw new Damage('it is not UTF-8');
  let tree: unknown;
  try {
    tree = JSON.parse(content.toString());
  } catch (error) {
    throw new Damage(`it is not JSON (${(error as Error).message})`);
  }
  return objectAt({ tree }, 'tree');
}

function keyOf(schema: Schema, tree: Json): Key {
  const stored = objectAt(tree, 'key');
  const parts = schema.keys.map(({ column, storage }) => {
    const plain = Object.hasOwn(stored, column) ? jsonToPlain(storage, stored[column]) : null;
    if (plain === null) throw new Damage(`its key has no '${column}'`);
    return plain;
  });
  if (typeof tree.id !== 'string') throw new Damage("it has no 'id'");
  return { id: tree.id, parts };
}

function valueIn(schema: Schema, tree: Json): Value {
  const stored = objectAt(tree, 'fields');
  const { structure } = schema.kind;
  if (structure !== undefined) return valueOfMembers(membersIn(structure, schema.fields[0]!.column, stored));
  return schema.fields.map(({ column, storage, required }) => {
    const plain = Object.hasOwn(stored, column) ? jsonToPlain(storage, stored[column]) : undefined;
    if (required && (plain ?? null) === null) throw new Damage(`it has no '${column}'`);
    return plain;
  });
}

function membersIn(structure: Structure, column: string, stored: Json): Members {
  if (!Object.hasOwn(stored, column)) throw new Damage(`it has no '${column}'`);
  return jsonToMembers(structure, stored[column]);
}

function checked(schema: Schema, content: Buffer): Json {
  const tree = parse(content);
  if (tree.entity !== schema.name) throw new Damage(`it is not of the entity '${schema.name}'`);
  return tree;
}

function expiryOf({ expiresAt }: Json): number | undefined {
  if (expiresAt === undefined || typeof expiresAt === 'number') return expiresAt;
  throw new Damage("its 'expiresAt' is not a number");
}

function guarded<T>(schema: Schema, subject: string, file: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof Damage || error instanceof CorruptPlain)) throw error;
    throw new CorruptEntryError(schema.name, subject, `${file}: ${error.message}`, { cause: error });
  }
}

/** The entry of a document; `file` is its path, for errors. @throws CorruptEntryError */
export function decodeDocument(schema: Schema, key: Key, content: Buffer, file: string): Entry {
  return guarded(schema, JSON.stringify(key.id), file, () => {
    const tree = checked(schema, content);
    const stored = keyOf(schema, tree);
    if (stored.id !== key.id || !stored.parts.every((part, at) => samePlain(part, key.parts[at])))
      throw new Damage('it holds another key');
    return { value: valueIn(schema, tree), expiresAt: expiryOf(tree) };
  });
}

/** Whose document it is, and until when. @throws CorruptEntryError */
export function documentHead(
  schema: Schema,
  content: Buffer,
  file: string,
): { readonly key: Key; readonly expiresAt: number | undefined } {
  return guarded(schema, 'in a file', file, () => {
    const tree = checked(schema, content);
    return { key: keyOf(schema, tree), expiresAt: expiryOf(tree) };
  });
}
