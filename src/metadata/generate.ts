import { randomFillSync, randomUUID } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const random = new Uint8Array(16);
let last = { at: -1, digits: [] as number[] };

/** A new key: a random UUID (version 4), or a ULID, which sorts by the time it was made, also within one process and millisecond. */
export function generateKey(how: 'uuid' | 'ulid', now: number): string {
  return how === 'uuid' ? randomUUID() : ulid(now);
}

function ulid(now: number): string {
  const at = Math.trunc(now);
  const digits =
    (at === last.at ? oneMore(last.digits) : undefined) ?? Array.from(randomFillSync(random), (byte) => byte & 31);
  last = { at, digits };
  let text = '';
  for (let rest = at, place = 0; place < 10; place++, rest = Math.floor(rest / 32)) text = ALPHABET[rest % 32]! + text;
  return text + digits.map((digit) => ALPHABET[digit]).join('');
}

/** `undefined` where the last number of its length is used up. */
function oneMore(digits: readonly number[]): number[] | undefined {
  const next = [...digits];
  for (let at = next.length - 1; at >= 0; at--) {
    if (next[at]! < 31) {
      next[at]! += 1;
      return next;
    }
    next[at] = 0;
  }
  return undefined;
}
