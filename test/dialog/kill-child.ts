// A process that is killed: in the middle of a turn, or while it saves one turn after the other.
import { type ContextStoreOptions, contextStore } from 'holdfast/dialog';

/** What it is told to do. */
export interface KillOrder {
  readonly url: string;
  readonly options: ContextStoreOptions;
  readonly doing: 'hang' | 'save';
}

const { url, options, doing } = JSON.parse(process.argv[2]!) as KillOrder;
const db = await contextStore(url, options);
if (doing === 'hang')
  await db.turn('ann', async (context) => {
    context.addRequest('lost');
    console.log('hanging');
    await new Promise((resolve) => setTimeout(resolve, 600_000));
  });
const context = (await db.get('ann'))!;
for (let turn = 0; ; turn++) {
  context.addRequest(turn);
  context.addResponse('x'.repeat(20_000));
  context.misc.turn = turn;
  await db.set('ann', context);
  console.log(`saved ${turn}`);
}
