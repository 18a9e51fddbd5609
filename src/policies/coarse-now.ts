import type { Clock } from '../core/clock.js';

const READINGS = 64;

/**
 * The time for a hot path, where asking the clock costs more than the rest: read anew at the latest after a millisecond and
 * after 64 askings, so that it moves on within work that never lets a timer fire. It never runs backwards, so that setting the
 * machine's clock back does not lengthen anything.
 */
export function coarseNow(clock: Clock): () => number {
  let now = Number.NEGATIVE_INFINITY;
  let offset = 0;
  let left = 0;
  let armed = false;
  const spent = () => {
    armed = false;
    left = 0;
  };
  return () => {
    if (left-- > 0) return now;
    left = READINGS - 1;
    if (!armed) {
      armed = true;
      clock.after(1, spent);
    }
    const reading = clock.now() + offset;
    if (reading < now) offset += now - reading;
    else now = reading;
    return now;
  };
}
