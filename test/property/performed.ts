import { modify, Refusal } from './models/model.js';
import { copied, type Step, withKeys } from './step.js';

/** A repository of any kind: its calls by name. */
export type Calls = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** What a call that is refused answers. */
export interface Refused {
  /** The name of the error. */
  readonly refused: string;
  /** What it says, which models do not know. */
  readonly because?: string;
}

/** What a model answers to a step. */
export function worked(model: Calls, [call, ...args]: Step): unknown {
  try {
    return model[call]!(...args);
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.message } satisfies Refused;
    throw error;
  }
}

/** What a repository answers to a step, whose keys it has under a scope of their own: plain data, as models answer. */
export async function performed(repository: Calls, step: Step, scope: string): Promise<unknown> {
  const [call, ...args] = withKeys(step, (key) => scope + key);
  try {
    return plain(await answered(repository, call, args), scope);
  } catch (error) {
    const { name, message } = error as Error;
    return { refused: name, because: message.replaceAll(scope, '') } satisfies Refused;
  }
}

async function answered(repository: Calls, call: string, args: unknown[]): Promise<unknown> {
  switch (call) {
    case 'modify':
      return repository.update!(...args, modify);
    case 'save':
    case 'insert':
      // Fills in what it was given, and returns that.
      await repository[call]!(...copied(args));
      return undefined;
    case 'stream':
      return collected(repository.stream!(...args));
    case 'scan':
      // In no order that is promised, and some perhaps twice.
      return [...new Set(await collected(repository.scan!(...args)))]
        .map((item) => Buffer.from(item as string))
        .sort(Buffer.compare)
        .map(String);
    default:
      return repository[call]!(...args);
  }
}

async function collected(items: unknown): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const item of items as AsyncIterable<unknown>) found.push(item);
  return found;
}

/** Without classes, properties that are undefined, and the scope of keys. */
function plain(value: unknown, scope: string): unknown {
  if (Array.isArray(value)) return value.map((one) => plain(one, scope));
  if (typeof value !== 'object' || value === null || value instanceof Set) return value;
  const parts = Object.entries(value).flatMap(([name, part]) =>
    part === undefined
      ? []
      : [[name, name === 'id' && typeof part === 'string' ? part.slice(scope.length) : plain(part, scope)] as const],
  );
  return Object.fromEntries(parts);
}
