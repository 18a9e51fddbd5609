import type { MetadataArgsStorage } from 'typeorm/metadata-args/MetadataArgsStorage.js';

/** What TypeORM's decorators have recorded; `undefined` where none has run. TypeORM keeps it on the global object. */
export function metadataArgs(): MetadataArgsStorage | undefined {
  return (globalThis as { typeormMetadataArgsStorage?: MetadataArgsStorage }).typeormMetadataArgsStorage;
}

/** A class and those it extends, itself first. */
export function lineage(target: Function): Function[] {
  const line: Function[] = [];
  for (let at: unknown = target; typeof at === 'function' && at !== Function.prototype; at = Object.getPrototypeOf(at))
    line.push(at);
  return line;
}

/** What was recorded of these classes; of several for one property the first. */
export function recorded<T extends { readonly target: unknown }>(all: readonly T[], line: readonly Function[]): T[] {
  const found = new Map<unknown, T>();
  for (const one of all) {
    if (!line.includes(one.target as Function)) continue;
    const { propertyName = one } = one as { propertyName?: unknown };
    if (!found.has(propertyName)) found.set(propertyName, one);
  }
  return [...found.values()];
}
