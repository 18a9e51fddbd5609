import type { FallbackDriver } from '../core/fallback-driver.js';
import { StoreFault } from '../core/fallback-driver.js';
import { getOrMake } from '../core/get-or-make.js';
import type { Entry, Query } from '../core/kind.js';
import { queryName } from '../core/query-name.js';
import type { Key, Schema } from '../core/schema.js';
import { tickBatch } from './tick-batch.js';

interface Load {
  readonly schema: Schema;
  readonly key: Key;
  readonly query: Query;
  resolve(entry: Entry | null): void;
  reject(error: unknown): void;
}

const MOST = 200;
const DIRECT = 63;

/**
 * A durable store whose reads of one key, as far as they come in one turn of the event loop, are one statement; where a statement
 * ends before the process does anything else, one transaction.
 */
export function coalescedReads(driver: FallbackDriver): FallbackDriver {
  const { inProcess, synchronous } = driver.capabilities;
  if (inProcess) return driver;
  // Where a statement ends before the process does anything else, waiting for others costs more than it saves while there are
  // none: most reads go alone then, and some wait to see whether there are others now.
  let direct = 0;
  const alone = ({ schema, key, query, resolve, reject }: Load) =>
    driver.read(schema, [key], query).then(([entry]) => resolve(entry!), reject);
  const together = async (loads: readonly Load[]) => {
    const { schema, query } = loads[0]!;
    const keys = new Map(loads.map(({ key }) => [key.id, key]));
    try {
      const entries = await driver.read(schema, [...keys.values()], query);
      const found = new Map([...keys.keys()].map((id, index) => [id, entries[index]!]));
      for (const { key, resolve } of loads) resolve(found.get(key.id)!);
    } catch (error) {
      // What is wrong with one entry is not the others' fault.
      if (error instanceof StoreFault) for (const { reject } of loads) reject(error);
      else for (const load of loads) void alone(load);
    }
  };
  const add = tickBatch<Load>((loads) => {
    direct = loads.length === 1 ? DIRECT : 0;
    if (loads.length === 1) return void alone(loads[0]!);
    const groups = new Map<Schema, Map<string, Load[]>>();
    for (const load of loads)
      getOrMake(
        getOrMake(groups, load.schema, () => new Map()),
        queryName(load.query),
        () => [],
      ).push(load);
    for (const queries of groups.values())
      for (const group of queries.values()) void (group.length === 1 ? alone(group[0]!) : together(group));
  }, MOST);
  const goesAlone = () => {
    if (!synchronous || direct === 0) return false;
    direct--;
    return true;
  };
  return {
    name: driver.name,
    capabilities: driver.capabilities,
    open: (schemas, options) => driver.open(schemas, options),
    read: (schema, keys, query) =>
      keys.length === 1 && !goesAlone()
        ? new Promise((resolve, reject) =>
            add({ schema, key: keys[0]!, query, resolve: (entry) => resolve([entry]), reject }),
          )
        : driver.read(schema, keys, query),
    write: (changes) => driver.write(changes),
    scan: (schema) => driver.scan(schema),
    count: (schema) => driver.count(schema),
    close: () => driver.close(),
  };
}
