// One of several processes that take turns of the same users. It prints a line for each turn, and how many it made.
import { VersionConflictError } from 'holdfast';
import { Context, type ContextStoreOptions, contextStore } from 'holdfast/dialog';

/** What a process is told to do. */
export interface TurnsOrder {
  readonly url: string;
  readonly options: ContextStoreOptions;
  readonly name: string;
  readonly users: readonly string[];
  readonly turns: number;
  /** Whether it goes by `turn`, or loads and saves. */
  readonly by: 'turn' | 'set';
}

const { url, options, name, users, turns, by } = JSON.parse(process.argv[2]!) as TurnsOrder;
const db = await contextStore(url, { ...options, window: Number.POSITIVE_INFINITY });
console.log('ready');
await new Promise((resolve) => process.stdin.once('data', resolve));
process.stdin.pause();

const mine = (context: Context) =>
  Object.values(context.requests).filter((said) => String(said).startsWith(`${name}:`));

async function byTurn(user: string, at: number, before: readonly string[]): Promise<void> {
  await db.turn(user, async (context, { fence }) => {
    // What it made before is there, in its order, and no turn had a later fencing token.
    if (mine(context).join() !== before.join())
      throw new Error(`${user}: ${mine(context).join()} is not ${before.join()}`);
    if (Number(context.lastResponse ?? 0) >= fence) throw new Error(`${user}: the token ${fence} is an old one`);
    context.addRequest(`${name}:${at}`);
    await new Promise((resolve) => setImmediate(resolve));
    context.addResponse(fence);
  });
}

async function bySet(user: string, at: number): Promise<boolean> {
  try {
    const context = (await db.get(user)) ?? new Context({ id: user });
    context.addRequest(`${name}:${at}`);
    await db.set(user, context);
    return true;
  } catch (error) {
    if (error instanceof VersionConflictError) return false;
    throw error;
  }
}

const acknowledged: Record<string, string[]> = Object.fromEntries(users.map((user) => [user, []]));
await Promise.all(
  users.map(async (user, offset) => {
    for (let at = offset; at < turns; at += users.length) {
      if (by === 'turn') await byTurn(user, at, acknowledged[user]!);
      else if (!(await bySet(user, at))) continue;
      acknowledged[user]!.push(`${name}:${at}`);
    }
  }),
);
console.log(`done ${JSON.stringify(acknowledged)}`);
await db.close();
