import type { Collection, Document, IndexDescription } from 'mongodb';
import { MetadataError, type MetadataFault } from '../../core/errors.js';
import type { Schema } from '../../core/schema.js';
import { asFault, codeOf } from './faults.js';
import { EXPIRES } from './layout.js';
import type { OpenMongo } from './open-mongo.js';

/** A collection of the database, and the indexes that it should have. */
export interface Wanted {
  readonly schema: Schema;
  readonly collection: Collection;
  readonly indexes: readonly IndexDescription[];
}

/** What deletes entries whose time has passed. */
export const TTL: IndexDescription = { name: EXPIRES, key: { [EXPIRES]: 1 }, expireAfterSeconds: 0 };

const OPTIONS_CONFLICT = [85, 86];
const NOT_FOUND = 26;

/** Checks that collections can hold entities, and makes the indexes that are missing. @throws MetadataError, StoreFault */
export async function prepare(mongo: OpenMongo, wanted: readonly Wanted[], synchronize: boolean): Promise<void> {
  try {
    await checkCollections(mongo, wanted);
    for (const one of wanted)
      if (synchronize) for (const index of one.indexes) await makeIndex(mongo, one.collection, index);
      else await tellMissing(mongo, one);
  } catch (error) {
    throw asFault(mongo.place, error, 'harmless');
  }
}

async function checkCollections({ db, place }: OpenMongo, wanted: readonly Wanted[]): Promise<void> {
  const names = wanted.map(({ collection }) => collection.collectionName);
  const found = await db.listCollections({ name: { $in: names } }).toArray();
  const faults: MetadataFault[] = [];
  for (const { schema, collection } of wanted) {
    const one = found.find(({ name }) => name === collection.collectionName) as
      | { readonly type?: string; readonly options?: Document }
      | undefined;
    const fact = one && unfit(one.type, one.options ?? {});
    if (fact)
      faults.push({
        subject: schema.target.name,
        fact: `has the collection ${collection.collectionName} in ${place.subject}, which ${fact}.`,
        remedy: 'Give the entity another name, as in @Entity({ name }), or make the collection anew.',
      });
  }
  if (faults.length > 0) throw new MetadataError(faults);
}

function unfit(type: string | undefined, { collation, capped }: Document): string | undefined {
  if (type !== undefined && type !== 'collection') return `is a ${type}`;
  if (capped) return 'is capped, so that entries would be lost';
  const { locale } = (collation ?? {}) as { locale?: string };
  return locale === undefined || locale === 'simple'
    ? undefined
    : `has the collation ${locale}, which may take different keys for the same`;
}

/** Makes an index, or of one that is there changes when entries go; no data are touched. */
async function makeIndex(mongo: OpenMongo, collection: Collection, index: IndexDescription): Promise<void> {
  const { key, ...options } = index;
  const make = () => collection.createIndex(key as Record<string, 1>, options);
  try {
    await make();
    return;
  } catch (error) {
    if (!OPTIONS_CONFLICT.includes(codeOf(error) as number)) throw error;
  }
  const { expireAfterSeconds } = options;
  const there = (await collection.indexes()).find((one: Document) => sameKey(one.key as Document, key as Document));
  if (!there || expireAfterSeconds === undefined) {
    mongo.logger.warn(
      `holdfast: the collection ${collection.collectionName} in ${mongo.place.subject} has an index ${String(there?.name ?? options.name)} with other options than wanted; it is left as it is.`,
    );
    return;
  }
  try {
    await mongo.db.command({ collMod: collection.collectionName, index: { name: there.name, expireAfterSeconds } });
  } catch {
    // Older servers cannot make an index one that deletes.
    await collection.dropIndex(String(there.name));
    await make();
  }
}

const sameKey = (a: Document, b: Document): boolean =>
  JSON.stringify(Object.entries(a).map(([name, way]) => [name, Number(way)])) === JSON.stringify(Object.entries(b));

async function tellMissing({ logger, place }: OpenMongo, { collection, indexes }: Wanted): Promise<void> {
  let there: Document[];
  try {
    there = await collection.indexes();
  } catch (error) {
    if (codeOf(error) !== NOT_FOUND) throw error;
    there = [];
  }
  for (const { key } of indexes)
    if (!there.some((one) => sameKey(one.key as Document, key as Document)))
      logger.warn(
        `holdfast: the collection ${collection.collectionName} in ${place.subject} lacks the index ${JSON.stringify(key)}, and synchronize is false. Create it, or leave synchronize out.`,
      );
}
