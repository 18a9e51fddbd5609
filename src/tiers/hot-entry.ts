import type { Clock } from '../core/clock.js';
import type { HotEntry } from '../core/hot-store.js';
import type { Entry } from '../core/kind.js';
import type { Key, Schema } from '../core/schema.js';

/** What a commit or a fill leaves hot of a durable entry. */
export const hotEntry = (schema: Schema, key: Key, entry: Entry | null, clock: Clock): HotEntry => ({
  key,
  value: entry ? entry.value : null,
  ttl: hotTtl(schema, entry, clock),
});

/** A hot entry never outlives its durable one. */
function hotTtl(schema: Schema, entry: Entry | null, clock: Clock): number | undefined {
  const full = entry ? schema.ttl : schema.absentTtl;
  const ttl = full === undefined ? undefined : Math.max(1, Math.round(full * (1 - Math.random() * schema.jitter)));
  if (entry?.expiresAt === undefined) return ttl;
  const left = Math.max(1, entry.expiresAt - clock.now());
  return ttl === undefined ? left : Math.min(ttl, left);
}
