import type { CollectionQuestion, Member } from '../../../src/core/collection.js';
import { type Answer, membersOf, valueOfMembers } from '../../../src/core/collection.js';
import type { FallbackDriver, KeyedChange } from '../../../src/core/fallback-driver.js';
import type { CollectionChange } from '../../../src/core/kind.js';
import type { Row, Schema } from '../../../src/core/schema.js';
import { membersFor, type SampleMembers, sampleMembers, sampleQuery } from '../../../src/testing/sample-collections.js';
import { sampleKey } from '../../../src/testing/sample-schema.js';

/** A change of a collection. */
export const collecting = (schema: Schema, id: string, change: CollectionChange): KeyedChange => ({
  schema,
  key: sampleKey(id),
  change,
});

export const adding = (schema: Schema, id: string, members: SampleMembers, expiresAt?: number): KeyedChange =>
  collecting(schema, id, { type: 'add', members: sampleMembers(members), expiresAt });

export const removing = (schema: Schema, id: string, ...texts: string[]): KeyedChange =>
  collecting(schema, id, { type: 'remove', texts });

export const deleting = (schema: Schema, id: string): KeyedChange => collecting(schema, id, { type: 'delete' });

export const puttingMembers = (
  schema: Schema,
  id: string,
  members: SampleMembers,
  more: { readonly expiresAt?: number } = {},
): KeyedChange =>
  collecting(schema, id, {
    type: 'put',
    row: valueOfMembers(membersFor(schema.kind.structure!, members)) as Row,
    ...more,
  });

/** What a collection answers; `null` where there is none. */
export async function ask(
  driver: FallbackDriver,
  schema: Schema,
  id: string,
  question: CollectionQuestion,
): Promise<Answer | null> {
  const [entry] = await driver.read(schema, [sampleKey(id)], sampleQuery(question));
  return entry ? (entry.value as Answer) : null;
}

/** All members of a collection, in order; `null` where there is none. */
export async function membersIn(driver: FallbackDriver, schema: Schema, id: string): Promise<Member[] | null> {
  const [entry] = await driver.read(schema, [sampleKey(id)], undefined);
  return entry ? [...membersOf(entry.value).ordered] : null;
}

/** Their texts. */
export const textsIn = async (driver: FallbackDriver, schema: Schema, id: string): Promise<string[] | null> =>
  (await membersIn(driver, schema, id))?.map(({ text }) => text) ?? null;
