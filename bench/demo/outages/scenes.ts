import { setTimeout as sleep } from 'node:timers/promises';
import type { Breakable } from './breakable.js';
import type { Lines } from './lines.js';
import { now } from './now.js';
import type { Play } from './play.js';

/**
 * What happens to the hot tier: it is killed and comes back with old data, then with none; then it hangs, and one of those
 * who wrote meanwhile dies before it goes on with all that it had.
 */
export async function outages(play: Play, tier: Breakable, lines: Lines, stop: AbortSignal): Promise<void> {
  const { scenes } = play.pace;
  const wait = (ms: number) => sleep(ms, undefined, { signal: stop });
  await wait(scenes.healthy / 2);
  await tier.remember();
  await wait(scenes.healthy / 2);
  for (const data of ['old', 'empty'] as const) {
    lines.state('killed');
    await tier.kill();
    await wait(scenes.killed);
    const found = await tier.comeBack(data);
    lines.state(`back, ${found}`);
    await recovers(play, `it came back with ${found}`, scenes.back, stop);
  }
  lines.state('hangs');
  tier.hang();
  await wait(scenes.hangs);
  // What only it knows to be untold to the hot tier would now be forgotten.
  play.parties.at(-1)!.die();
  tier.goOn();
  lines.state('answers again');
  await recovers(play, 'it answered again with all it had', scenes.answers, stop);
}

/** Waits for the end of the scene, and looks when all who live are served by the hot tier again. */
async function recovers({ readers, tally }: Play, after: string, scene: number, stop: AbortSignal): Promise<void> {
  const back = now();
  let ms: number | undefined;
  for (let passed = 0; passed < scene; passed = now() - back) {
    if (ms === undefined && readers.every((reader) => reader.dead || reader.hotState() === 'up')) ms = passed;
    await sleep(Math.min(20, scene - passed), undefined, { signal: stop });
  }
  tally.recoveries.push({ after, ms });
}
