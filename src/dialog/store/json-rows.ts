import { deserialize, serialize } from 'node:v8';
import type { FallbackDriver, KeyedChange } from '../../index.js';
import type { Head } from './backend.js';
import type { FileEntry } from './json-document.js';
import { readItem, storedItem } from './turn-item.js';

/** As a driver is given it. */
export type Schema = KeyedChange['schema'];
export type Key = KeyedChange['key'];
export type Entry = NonNullable<Awaited<ReturnType<FallbackDriver['read']>>[number]>;

/** A row of the entity of heads, of the head that a document has. */
export const headRow = ({ fields }: Schema, head: Head): unknown[] =>
  fields.map(({ name, codec }) => {
    const value = head[name as keyof Head];
    return value === null ? null : codec.encode(value);
  });

/** The head that a row of the entity of heads has. */
export const headIn = ({ fields }: Schema, row: readonly unknown[]): Head =>
  Object.fromEntries(
    fields.map(({ name, codec }, at) => [name, row[at] === null ? null : codec.decode(row[at] as string)]),
  ) as unknown as Head;

/** The value of the entity of turns, of the turns that a document has. */
export function turnsValue(schema: Schema, { head, items }: FileEntry): unknown {
  const texts = items.map((item) => storedItem(item, head.mark));
  const made = schema.kind.apply(schema, null, { type: 'push', end: 'last', texts } as never);
  return made.status === 'done' ? made.entry!.value : undefined;
}

/** The turns that a value of the entity of turns has. */
export function turnsIn(schema: Schema, value: unknown, user: string): FileEntry['items'] {
  const all = { id: 'all', type: 'between', start: 0, stop: -1 };
  const { members } = schema.kind.select(schema, value, all) as { members: readonly { text: string }[] };
  return members.map(({ text }) => readItem(text, user));
}

/** An entry of another entity, as it stands in a JSON file. */
export interface Kept {
  readonly parts: string;
  readonly entry: string;
}

export const keptOf = (key: Key, entry: Entry): Kept => ({
  parts: serialize(key.parts).toString('base64'),
  entry: serialize(entry).toString('base64'),
});

export const keyIn = (id: string, { parts }: Kept): Key => ({
  id,
  parts: deserialize(Buffer.from(parts, 'base64')) as Key['parts'],
});

export const entryIn = ({ entry }: Kept): Entry => deserialize(Buffer.from(entry, 'base64')) as Entry;
