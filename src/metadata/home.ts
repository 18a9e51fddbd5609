import type { MappedEntity } from '../core/mapped.js';
import type { Schema } from '../core/schema.js';
import type { Declared } from './declared.js';
import type { FaultList } from './faults.js';

/** Where an entity is durable, checked against what `open()` was given. */
export function checkHome(
  { className, aspects }: Declared,
  mapped: MappedEntity | undefined,
  { fallbacks, hot }: { readonly fallbacks: readonly string[] | undefined; readonly hot: boolean },
  faults: FaultList,
): Pick<Schema, 'fallback' | 'throughTypeorm' | 'mappedByTypeorm'> {
  const given = aspects.Fallback;
  const example = fallbacks?.[0] ?? 'postgres';
  if (!given) {
    if (mapped)
      faults.add(
        className,
        'is mapped by TypeORM, but has no fallback.',
        `Say where its table is: @Fallback('${example}').`,
      );
    else if (!hot) {
      const fact = 'has no fallback, and open() was given redis: false, so it would be stored nowhere.';
      faults.add(className, fact, `Give it @Fallback('${example}'), or leave out redis: false.`);
    }
    return { fallback: undefined, throughTypeorm: false, mappedByTypeorm: mapped !== undefined };
  }
  const { name, through, write } = given;
  const shown = typeof name === 'string' ? `'${name}'` : String(name);
  if (fallbacks && !fallbacks.includes(name)) {
    const has = fallbacks.length > 0 ? `it has: ${fallbacks.join(', ')}` : 'it has none';
    const fact = `is declared with @Fallback(${shown}), but open() was given no fallback of that name (${has}).`;
    faults.add(className, fact, "Add it to 'fallbacks'.");
  }
  if (through !== undefined && through !== 'typeorm')
    faults.add(
      className,
      `has @Fallback(${shown}, { through: '${String(through)}' }).`,
      "It can be 'typeorm', or left out.",
    );
  else if (through === 'typeorm' && !mapped) {
    const fact = "goes through TypeORM's repository (through: 'typeorm'), but TypeORM does not map it.";
    faults.add(className, fact, "Leave out 'through', or map it with TypeORM's own decorators.");
  }
  if (write === 'behind')
    faults.add(
      className,
      "has write: 'behind', which this version of Holdfast does not have.",
      "Leave out 'write': writes then go through.",
    );
  else if (write !== undefined && write !== 'through')
    faults.add(
      className,
      `has @Fallback(${shown}, { write: '${String(write)}' }).`,
      "It can be 'through', or left out.",
    );
  return {
    fallback: name,
    throughTypeorm: through === 'typeorm' && mapped !== undefined,
    mappedByTypeorm: mapped !== undefined,
  };
}
