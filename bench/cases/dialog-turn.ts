import { Context, type ContextStore, type ContextStoreOptions, contextStore } from 'holdfast/dialog';
import type { BenchCase, BenchContext } from '../harness/case.js';
import type { Room } from '../harness/room.js';
import { type BytesWritten, byProcess, byRedis, toWal } from '../support/bytes-written.js';
import { dropTables } from '../support/clean-up.js';

/** How many turns the dialogs have. The first is what the others are compared with. */
const SIZES = [10, 1, 100, 1000, 10_000];
/** Dialogs of each size, fewer of long ones: they grow by a turn with each call. */
const USERS = (size: number): number => (size < 1000 ? 50 : 2);

interface Place {
  readonly title: string;
  readonly needs: BenchCase['needs'];
  /** Whether each size has a store of its own, because one is written whole. */
  readonly apart?: boolean;
  url(context: BenchContext, size: number): string;
  /** What counts the bytes that are written, by what it counts. */
  written(context: BenchContext): Readonly<Record<string, () => Promise<BytesWritten>>>;
  options?(context: BenchContext): ContextStoreOptions;
}

const PLACES: readonly Place[] = [
  {
    title: 'SQLite',
    needs: [],
    url: ({ folder, disk }) => `sqlite:${folder}/dialogs.sqlite?synchronous=${disk ? 'full' : 'normal'}`,
    written: () => ({ files: byProcess }),
  },
  {
    title: 'PostgreSQL',
    needs: ['postgres'],
    url: ({ postgresUrl }) => postgresUrl,
    written: ({ postgresUrl }) => ({ WAL: () => toWal(postgresUrl) }),
  },
  {
    title: 'Redis',
    needs: ['redis'],
    url: ({ redisUrl }) => redisUrl,
    written: ({ redisUrl }) => ({ commands: () => byRedis(redisUrl) }),
  },
  {
    title: 'Redis with PostgreSQL',
    needs: ['redis', 'postgres'],
    url: ({ postgresUrl }) => postgresUrl,
    options: ({ redisUrl }) => ({ redis: redisUrl, name: 'hot' }),
    written: ({ redisUrl, postgresUrl }) => ({ commands: () => byRedis(redisUrl), WAL: () => toWal(postgresUrl) }),
  },
  {
    title: 'a directory',
    needs: [],
    url: ({ folder }) => `file:${folder}/dialogs`,
    written: () => ({ files: byProcess }),
  },
  {
    title: 'one JSON file',
    needs: [],
    apart: true,
    url: ({ folder }, size) => `json:${folder}/${size}.json`,
    written: () => ({ files: byProcess }),
  },
];

const named = (title: string): string => title.toLowerCase().replaceAll(' ', '-');

/** Turns of a dialog: load its context, add a request, a label and a response, save it. */
export const dialogTurns: readonly BenchCase[] = PLACES.map((place) => ({
  name: `dialog-${named(place.title)}`,
  needs: place.needs,
  async open(context) {
    const stores = new Map<number, ContextStore>();
    const options = {
      table: context.ownName,
      namespace: context.ownName,
      logger: false,
      ...place.options?.(context),
    } as const;
    const given = place.apart ? { logger: false as const } : options;
    for (const size of SIZES) {
      const before = place.apart ? undefined : [...stores.values()][0];
      stores.set(size, before ?? (await contextStore(place.url(context, size), given)));
    }
    for (const [size, store] of stores)
      for (let user = 0; user < USERS(size); user++) await store.set(`${size}-${user}`, dialogOf(size));
    const rooms: Room[] = [];
    for (const [what, start] of Object.entries(place.written(context))) {
      const bytes = await start();
      const each = new Map<number, number>();
      for (const [size, store] of stores)
        each.set(size, await bytesOfTurn(bytes, (n) => turn(store, `${size}-${n % USERS(size)}`)));
      await bytes.close();
      const first = each.get(SIZES[0]!)!;
      for (const [size, ours] of each)
        rooms.push({ title: `${what}, ${size} turns before`, ours, bare: first, besides: `${SIZES[0]} turns before` });
    }
    return {
      rooms,
      comparisons: [
        {
          title: `one turn (load, add, save), ${place.title}`,
          concurrency: 1,
          variants: SIZES.map((size) => ({
            name: `${size} turns before`,
            run: (n) => turn(stores.get(size)!, `${size}-${n % USERS(size)}`),
          })),
        },
      ],
      async close() {
        for (const store of new Set(stores.values())) await store.close();
        const base = given === options && options.name ? `${options.name}_${options.table}` : context.ownName;
        if (place.needs.includes('postgres'))
          await dropTables(
            context.postgresUrl,
            ['turns_items', 'heads', 'turns', 'archive', 'queues'].map((table) => `${base}_${table}`),
          );
      },
    };
  },
}));

/** Bytes that a turn writes: the least of several averages, since others write too. Each is over as many turns of one dialog as its oldest ones take to be put away. */
async function bytesOfTurn({ now }: BytesWritten, run: (n: number) => Promise<void>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const before = await now();
    for (let n = 0; n < 50; n++) await run(0);
    least = Math.min(least, ((await now()) - before) / 50);
  }
  return Math.round(least);
}

function dialogOf(size: number): Context {
  const context = new Context({ misc: { city: 'Paris', slots: [1, 2, 3] } });
  for (let at = 0; at < size; at++) add(context);
  return context;
}

function add(context: Context): void {
  context.addRequest('How will the weather be tomorrow, and the day after?');
  context.addLabel(['weather_flow', 'forecast_node']);
  context.addResponse('It will rain tomorrow, but the day after will be mostly sunny, with a little wind.');
}

async function turn(store: ContextStore, user: string): Promise<void> {
  const context = (await store.get(user))!;
  add(context);
  await store.set(user, context);
}
