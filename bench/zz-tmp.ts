import { Redis } from 'ioredis';
import { Holdfast, Entity, SortedSet, Members, Key, Fallback, type SortedSetMembers } from 'holdfast';
@Entity() @SortedSet() @Fallback('m') class Board { @Key() id!: string; @Members() p!: SortedSetMembers }
const redis = new Redis('redis://127.0.0.1:6379');
const h = await Holdfast.open({ entities: [Board], redis: 'redis://127.0.0.1:6379', namespace: 'zz', fallbacks: { m: 'memory:' }, logger: false });
const r = h.repository(Board);
const ids = Array.from({ length: 100 }, (_, i) => `b${i}`);
for (const id of ids) await r.save({ id, p: Array.from({ length: 1000 }, (_, n) => ({ member: `player ${n}`, score: n })) });
const usec = async () => { const t = await redis.info('commandstats'); const m = (c: string) => { const x = new RegExp(`cmdstat_${c}:calls=(\\d+),usec=(\\d+)`).exec(t); return [Number(x?.[1] ?? 0), Number(x?.[2] ?? 0)]; }; return { e: m('evalsha'), z: m('zrange') }; };
for (const [name, at] of [['one', 1], ['hundred', 100]] as const) {
  for (let round = 0; round < 3; round++) {
    const a = await usec(); const t0 = performance.now(); const N = at === 1 ? 3000 : 200;
    for (let i = 0; i < N; i++) await Promise.all(Array.from({ length: at }, (_, k) => r.range(ids[(i * 7 + k) % 100]!, { offset: ((i + k) % 40) * 20, limit: 20, withScores: true })));
    const t1 = performance.now(); const b = await usec();
    const c = new Redis('redis://127.0.0.1:6379', { enableAutoPipelining: at > 1 });
    await c.ping(); const t2 = performance.now();
    for (let i = 0; i < N; i++) await Promise.all(Array.from({ length: at }, (_, k) => { const o = ((i + k) % 40) * 20; return c.zrange(`zz:board:{${ids[(i * 7 + k) % 100]}}`, o, o + 19, 'WITHSCORES'); }));
    const t3 = performance.now(); c.disconnect(); const d = await usec();
    console.log(name, 'ours us/page', ((t1 - t0) * 1000 / N / at).toFixed(1), 'hand', ((t3 - t2) * 1000 / N / at).toFixed(1), 'ratio', ((t3 - t2) / (t1 - t0)).toFixed(2), 'server ours', ((b.e[1]! - a.e[1]!) / N / at).toFixed(1), 'zrange', ((d.z[1]! - b.z[1]!) / (d.z[0]! - b.z[0]!)).toFixed(1));
  }
}
for (const id of ids) await r.delete(id);
await h.close(); redis.disconnect();
