/** Milliseconds by a clock that goes on evenly, and is the same for all processes of a machine. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;
