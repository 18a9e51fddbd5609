// A leaderboard: many players score at the same time, and the board is right after each round, in every tier.
import { Entity, Fallback, Holdfast, Key, Members, SortedSet, type SortedSetMembers } from 'holdfast';

@Entity()
@SortedSet({ ttl: '1h' })
@Fallback('home')
class Leaderboard {
  @Key() id!: string;
  @Members() players!: SortedSetMembers;
}

// REDIS_URL and DATABASE_URL put it on real servers.
await using holdfast = await Holdfast.open({
  entities: [Leaderboard],
  ...(process.env.REDIS_URL && { redis: process.env.REDIS_URL }),
  fallbacks: { home: process.env.DATABASE_URL ?? 'sqlite:' },
  synchronize: true,
});
const boards = holdfast.repository(Leaderboard);

const players = ['ann', 'bob', 'cleo', 'dan', 'eve', 'finn'];
const points = [
  [5, 3, 8, 1, 7, 2],
  [4, 9, 1, 6, 2, 8],
  [7, 2, 6, 9, 3, 3],
];
for (const [round, scored] of points.entries()) {
  // All at once: each is added to what the player has by then, atomically in both tiers.
  await Promise.all(players.map((player, at) => boards.incrementScore('chess', player, scored[at]!)));
  const top = await boards.range('chess', { reverse: true, limit: 3, withScores: true });
  console.log(`round ${round + 1}: ${top.map(({ member, score }) => `${member} ${score}`).join(', ')}`);
}
// => round 1: cleo 8, eve 7, ann 5
// => round 2: bob 12, finn 10, eve 9
// => round 3: dan 16, ann 16, cleo 15

// Members of one score are in the order of their bytes, here from the end on. The rank says the same, whichever tier is asked.
for (const player of ['dan', 'ann'])
  console.log(player, 'is number', (await boards.rank('chess', player, { reverse: true }))! + 1);
// => dan is number 1
// => ann is number 2
console.log('with at least 14 points:', await boards.countBetween('chess', 14, Number.POSITIVE_INFINITY));
// => with at least 14 points: 4
await boards.remove('chess', 'finn');
console.log('without finn there are', await boards.size('chess'));
// => without finn there are 5
const page = await boards.range('chess', { reverse: true, page: 2, pageSize: 3, withSize: true });
console.log('page 2:', page.items, 'of', page.size);
// => page 2: [ 'bob', 'eve' ] of 5
