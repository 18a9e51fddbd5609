/**
 * How entries of one shape lie under their keys, in Lua: where the marker is beside the value. All of it is about the key `k`.
 */
export interface Shape {
  /** Tries the commands that the rest of this needs, on a key of which nothing is left. */
  readonly probe: string;
  /** Defines `marker(k)`: the marker, or false; what is of another type is removed. */
  readonly marker: string;
  /** Puts the marker that an expression gives in place of the one that `marker(k)` has read. Value and end stay. */
  mark(m: string): string;
  /** Puts a marker, and nothing else, for so many milliseconds, in place of whatever is there. */
  markAlone(m: string, time: string): string;
  /** Defines `put(k, ttl, count, from)`: the entry of `count` arguments from `from` on, -1 for "known absent"; an empty `ttl` is for ever. */
  readonly put: string;
}

/** How a value and its marker are read together, in Lua. */
export interface Reading {
  /** What is defined before the first key is read. */
  readonly before: string;
  /** Reads the key `k`, and puts its marker into the local `m`. */
  readonly read: string;
  /** Whether what was read is of another type. */
  readonly isForeign: string;
  /** Leaves the list of its texts in the local `v`, without the marker. */
  readonly take: string;
}
