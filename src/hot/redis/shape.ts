/**
 * How entries of one shape lie under their keys, in Lua: where the marker is beside the value. All of it is about the key `k`.
 */
export interface Shape {
  /** Tries the commands that the rest of this needs, on a key of which nothing is left. */
  readonly probe: string;
  /** The key that the marker lies in, which ends when the entry does. */
  readonly home: string;
  /** Lets the entry end in so many milliseconds; `when` is for Redis: `GT`. */
  expire(time: string, when?: string): string;
  /** Lets the entry end at so many milliseconds since 1970. */
  expireAt(time: string): string;
  /** Removes the entry; a call, which may be returned. */
  readonly drop: string;
  /** Defines `marker(k)`: the marker, or false; what is of another type is removed. */
  readonly marker: string;
  /** Puts the marker that an expression gives in place of the one that `marker(k)` has read. Value and end stay. */
  mark(m: string): string;
  /** Puts a marker, and nothing else, for so many milliseconds, in place of whatever is there. */
  markAlone(m: string, time: string): string;
  /** Defines `put(k, ttl, count, from)`: the entry of `count` arguments from `from` on, -1 for "known absent"; an empty `ttl` is for ever. */
  readonly put: string;
  /** Of entries whose members are locked by themselves; where there is none, every writer writes the whole entry. */
  readonly members?: MemberShape;
}

/** What collections do in a commit beside, in Lua. The arguments of an entry are its `ttl`, `count`, and so many from `at + 2` on. */
export interface MemberShape {
  /** Defines what the others use, after the shape's own. */
  readonly before: string;
  /** Whether the lock `m` is this token's alone, and not marked. */
  readonly isMine: string;
  /** Whether a value lies under the lock `m`. */
  readonly isPresent: string;
  /** A branch `elseif …` for entries that are deltas. */
  readonly delta: string;
  /** Removes what was put aside for the entry and not used. */
  readonly after: string;
}

/** How a value and its marker are read together, in Lua. */
export interface Reading {
  /** What is defined before the first key is read. */
  readonly before: string;
  /** Reads the key `k`, and puts its marker into the local `m`. */
  readonly read: string;
  /** What was read, and whether it is an error. */
  readonly reply: string;
  readonly isError: string;
  /** Leaves the list of its texts in the local `v`, without the marker. */
  readonly take: string;
}
