import type { Answer, RedisLink } from './link.js';
import type { ScriptCall } from './script.js';

/**
 * Runs scripts, each answering for itself. Those that take long, as `isLong` tells by their indexes, are sent to each place one after
 * the other: what comes in one piece Redis runs before it listens to anybody else.
 */
export async function runOneByOne(
  link: RedisLink,
  calls: readonly ScriptCall[],
  isLong: (index: number) => boolean,
): Promise<readonly Answer[]> {
  const turns: number[][] = [[]];
  const longAt = new Map<string, number>();
  for (const [index, { keys }] of calls.entries()) {
    if (!isLong(index)) {
      turns[0]!.push(index);
      continue;
    }
    const place = link.place(keys[0]!);
    const turn = longAt.get(place) ?? 0;
    longAt.set(place, turn + 1);
    if (turn === turns.length) turns.push([]);
    turns[turn]!.push(index);
  }
  if (turns.length === 1) return link.run(calls);
  const answers = new Array<Answer>(calls.length);
  for (const indexes of turns) {
    const some = await link.run(indexes.map((index) => calls[index]!));
    indexes.forEach((index, at) => {
      answers[index] = some[at]!;
    });
  }
  return answers;
}
