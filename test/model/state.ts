/** Where a hot entry is: nothing, a valid value (known absent is one, too), being filled, being written. */
export const COLD = 0;
export const VALID = 1;
export const FILLING = 2;
export const LOCKED = 3;

/** Where a write is. */
export const IDLE = 0;
/** Its begin is over, confirmed or not. */
export const BEGUN = 1;
/** Its statement was given up and may still land. */
export const UNKNOWN = 2;
export const LANDED = 3;
/** Has to be taken out of its lock, and fails. */
export const RELEASING = 4;
/** What could not be delivered needs a row. */
export const NEEDS_ROW = 5;
export const TO_ACKNOWLEDGE = 6;
export const DONE = 7;
/** Its process was killed, its statement may still land. */
export const ORPHANED = 8;
export const DEAD = 9;

/** Where a load is: 0 not under way. */
export const TO_READ = 1;
export const TO_ANSWER = 2;
export const TO_FILL = 3;
/** Waits for a fill of its own process. */
export const WAITING = 4;

/** The invalidation channel of a process; while it is broken, what is cached is as old as its TTL at most. */
export const SUBSCRIBED = 0;
export const BROKEN = 1;

/** Where a drain is: 0 not under way. */
export const PROBED = 1;
export const ROWS_READ = 2;
export const ROWS_DELETED = 3;

/** No value: of a cold entry, of an empty cache. */
export const NONE = 0xff;
/** The version of a member that a value was put together without. */
export const TORN = 0xf;

export const EACH_MEMBER = [0, 1] as const;
export const WHOLE = 0b11;

export const versionOf = (value: number, member: number): number => (value >> (4 * member)) & 0xf;
/** `value` with another version of these members. */
export function withVersion(value: number, members: number, version: number): number {
  let next = value;
  for (const member of EACH_MEMBER)
    if (members & (1 << member)) next = (next & ~(0xf << (4 * member))) | (version << (4 * member));
  return next;
}
export const bit = (index: number): number => 1 << index;

const MOST_WRITERS = 4;
/** The row that a write puts with itself or after it, and the one before it; each has an id of its own. */
export const rowOf = (writer: number): number => bit(writer);
export const journalRowOf = (writer: number): number => bit(writer + MOST_WRITERS);
export const rowsOf = (writer: number): number => rowOf(writer) | journalRowOf(writer);
/** Whose row that of the lowest bit is. */
export const writerOf = (rows: number): number => (31 - Math.clz32(rows & -rows)) % MOST_WRITERS;

type Bytes<Field extends string> = Record<Field, number>;

/** A kind of record over bytes, each field one byte. */
function record<const Field extends string>(fields: readonly Field[]) {
  class View {
    constructor(
      readonly $bytes: Uint8Array,
      readonly $from: number,
    ) {}
  }
  fields.forEach((field, offset) => {
    Object.defineProperty(View.prototype, field, {
      get(this: View) {
        return this.$bytes[this.$from + offset];
      },
      set(this: View, value: number) {
        this.$bytes[this.$from + offset] = value;
      },
    });
  });
  return {
    size: fields.length,
    over: (bytes: Uint8Array, at: number) => new View(bytes, at) as unknown as Bytes<Field>,
  };
}

/** How often each thing may still go wrong. */
export const FAULTS = [
  'kill',
  'expire',
  'restart',
  'flush',
  'cut',
  'slow',
  'unknown',
  'refuse',
  'rowFails',
  'channelBreaks',
] as const;
export type Fault = (typeof FAULTS)[number];

const hotFields = record(['kind', 'value', 'tokens', 'dirty', 'filler']);
const commonFields = record([
  /** The durable value, the number of writes that have landed, and which of them (by bit) were deletions. */
  'durable',
  'landed',
  'deletions',
  /** The rows in the outbox, by bit. A write has one of its own, and one more where one was put before it. */
  'outbox',
  /** The entry in Redis's file; only kept where the epoch does not make it worthless. */
  'savedKind',
  'savedValue',
  /** A write that was never acknowledged landed after its lock was lost, and its process was killed before it could say so. */
  'limit',
  ...FAULTS,
]);
const writerFields = record([
  'at',
  'version',
  /** 1: its begin was not confirmed, and may be made at any time, or twice. 2: it was never sent. */
  'unconfirmed',
  /** Its row was put before the write, which knows no transactions. */
  'journaled',
  /** A commit or an abandon of its token was made after it landed. */
  'told',
  'acknowledged',
  /** Its outcome was unknown. */
  'unknown',
  /** Its lock ended before the write did: it expired, or Redis lost it. */
  'lockLost',
  /** The processes, by bit, that could not reach Redis either when it was acknowledged. */
  'alone',
  /** How often each step that timed out may still be made. */
  'lateBegin',
  'lateCommit',
  'lateAbandon',
]);
const loadFields = record([
  'at',
  'left',
  'run',
  'value',
  'mayFill',
  /** The least that it may answer, by member. */
  'floor',
  /** Others may join it, and the cache keeps what it brings. */
  'attached',
  /** It met a fill of its own process once. */
  'again',
  'lateFill',
  'lateToken',
  'lateValue',
]);
const processFields = record([
  'cut',
  'lost',
  /** `lost` was set again since the drain's probe. */
  'lostAgain',
  'drain',
  /** The rows, by writer, that this drain has still to abandon, and has abandoned. */
  'todo',
  'abandoned',
  /** Writers that could neither tell the hot tier nor put a row. */
  'owed',
  'cached',
  'channel',
  /** The writers, by bit, whose messages are under way to it. */
  'messages',
]);

export type Hot = ReturnType<typeof hotFields.over>;
export type Common = ReturnType<typeof commonFields.over>;
export type Writer = ReturnType<typeof writerFields.over>;
export type Load = ReturnType<typeof loadFields.over>;
export type Process = ReturnType<typeof processFields.over>;

/** One state of the world, in one piece, and names for its parts. */
export interface State {
  /** All of it. */
  readonly words: Int32Array;
  readonly hot: Hot;
  readonly common: Common;
  readonly writers: readonly Writer[];
  readonly loads: readonly Load[];
  readonly processes: readonly Process[];
}

export function stateOf(sizes: { writers: number; loads: number; processes: number }): State {
  const size =
    hotFields.size +
    commonFields.size +
    sizes.writers * writerFields.size +
    sizes.loads * loadFields.size +
    sizes.processes * processFields.size;
  const words = new Int32Array(Math.ceil(size / 4));
  const bytes = new Uint8Array(words.buffer);
  let from = 0;
  const next = <View>(fields: { size: number; over(bytes: Uint8Array, at: number): View }): View => {
    const view = fields.over(bytes, from);
    from += fields.size;
    return view;
  };
  const many = <View>(count: number, fields: { size: number; over(bytes: Uint8Array, at: number): View }) =>
    Array.from({ length: count }, () => next(fields));
  return {
    words,
    hot: next(hotFields),
    common: next(commonFields),
    writers: many(sizes.writers, writerFields),
    loads: many(sizes.loads, loadFields),
    processes: many(sizes.processes, processFields),
  };
}
