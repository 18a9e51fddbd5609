/** For Redis: at least 0, and no more than it can add to the time. */
export function wholeMilliseconds(ms: number): string {
  return String(Math.min(Math.max(Math.floor(ms), 0), Number.MAX_SAFE_INTEGER));
}

/** The time to live of an entry as scripts take it; `''` for ever. */
export const ttlText = (ttl: number | undefined): string => (ttl === undefined ? '' : wholeMilliseconds(ttl));
