import type { Kind } from '../../core/kind.js';
import type { Schema } from '../../core/schema.js';
import { type CollectionScripts, collectionScripts } from './collection-scripts.js';
import { collectionShape } from './collection-shape.js';
import { flagScripts, stringShape } from './flag-scripts.js';
import { hashScripts, hashShape } from './hash-scripts.js';
import type { Shape } from './shape.js';
import type { HotScripts } from './steps.js';

type Form = Kind['redis'];

const made = new WeakMap<Schema, HotScripts | CollectionScripts>();

/** The scripts for a schema's entries, by how its kind lies in Redis. */
export function scriptsOf(schema: Schema): HotScripts | CollectionScripts {
  let scripts = made.get(schema);
  if (!scripts) {
    const { redis } = schema.kind;
    if (redis.type === 'hash') scripts = hashScripts(schema, redis);
    else scripts = redis.type === 'string' ? flagScripts(schema, redis) : collectionScripts(schema, redis);
    made.set(schema, scripts);
  }
  return scripts;
}

/** The scripts of collections, `undefined` where the schema's entries are rows. */
export function collectionScriptsOf(schema: Schema): CollectionScripts | undefined {
  const scripts = scriptsOf(schema);
  return 'form' in scripts ? scripts : undefined;
}

/** The shape of entries of a form. */
export function shapeOf(form: Form): Shape {
  if (form.type === 'hash') return hashShape;
  return form.type === 'string' ? stringShape : collectionShape(form);
}
