import { editOf, type Mutation } from './mutation.js';

const path = editOf('src/repository/read-path.ts');
const flights = editOf('src/policies/single-flight.ts');
const channel = editOf('src/hot/redis/invalidation.ts');
const subscription = editOf('src/hot/redis/subscription.ts');

const READS = ['test/repository/reads.test.ts', 'test/repository/loads.test.ts'];
const CHANNEL = ['test/hot/redis-channel-faults.server.test.ts'];
const CACHES = ['test/tiers/guards.server.test.ts'];

const detaching = [
  path('this.#whole.detach(id);', ''),
  path('for (const flights of this.#parts.values()) flights.detach(id);', ''),
];

/** The guards above the tiers: loads that are joined, the cache in process, and the channel that empties it. */
export const READING: readonly Mutation[] = [
  {
    guard: 'joinUntilOut',
    edits: [
      path(
        'if (!this.#cache) for (const { key, flights, flight } of loads)',
        'for (const { key, flights, flight } of [] as Load[])',
      ),
    ],
    suite: 'process',
    first: READS,
  },
  { guard: 'tellDetaches', edits: detaching, suite: 'process', first: READS },
  { guard: 'messageDetaches', edits: detaching, suite: 'redis', first: CACHES },
  { guard: 'emptyOnSubscribe', edits: [channel('this.#listening.doubt();', '')], suite: 'redis', first: CHANNEL },
  { guard: 'emptyOnSubscribe', edits: [path('this.#cache?.clear();', '')], suite: 'redis', first: CACHES },
  {
    guard: 'detachOnSubscribe',
    edits: [
      path('this.#whole.detachAll();', ''),
      path('for (const flights of this.#parts.values()) flights.detachAll();', ''),
    ],
    suite: 'redis',
    first: CACHES,
  },
  {
    guard: 'doubtOnBreak',
    edits: [channel('this.#listening.doubt();', "if (status.state === 'up') this.#listening.doubt();")],
    suite: 'redis',
    first: CHANNEL,
  },
  { guard: 'channelFollows', edits: [channel("client.on('close', follow);", '')], suite: 'redis', first: CHANNEL },
  {
    guard: 'channelSilent',
    edits: [subscription('if (waiting >= SILENT_TICKS)', 'if (waiting < 0)')],
    suite: 'redis',
    first: CHANNEL,
  },
  {
    guard: 'tellDetaches',
    edits: [path('if (query === undefined && flight.attached) this', 'if (query === undefined) this')],
    suite: 'process',
    first: READS,
  },
  {
    guard: 'wholeOnly',
    edits: [path('if (query === undefined && flight.attached) this', 'if (flight.attached) this')],
    suite: 'process',
    first: READS,
  },
  {
    guard: 'startDetaches',
    edits: [flights('this.detach(id);\n    const flight', 'const flight')],
    suite: 'process',
    first: ['test/policies/single-flight.test.ts'],
  },
];
