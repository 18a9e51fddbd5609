// One store in front of another, Redis before a database, through an outage of Redis: the bot goes on, and forgets nothing.
// It needs no server: Redis is in process, made faulty on purpose, and the database is a temporary SQLite file. CONTEXTS names
// another, such as postgresql://localhost/bots.
import { Context, contextStore } from 'holdfast/dialog';
import { faultyHotStore, memoryHotStore } from 'holdfast/testing';
import { actor } from './dialogs/greeting.js';

const { store: redis, faults } = faultyHotStore(memoryHotStore());
await using db = await contextStore(process.env.CONTEXTS ?? 'sqlite:', { redis, logger: false });

async function say(text: string): Promise<void> {
  const context = (await db.get('ann')) ?? new Context({ id: 'ann' });
  context.addRequest(text);
  await db.set('ann', await actor(context));
  console.log(`${text} / ${context.lastResponse}`);
}

await say('Hi');
// => Hi / Hi, how are you?

faults.down();
console.log('-- Redis is away --');
// => -- Redis is away --
await say("I'm fine");
// => I'm fine / Good. What do you want to talk about?
await say("Let's talk about music.");
// => Let's talk about music. / Sorry, I can not talk about music now.

faults.up();
console.log('-- Redis is back, with the dialog as it was before --');
// => -- Redis is back, with the dialog as it was before --
await say('Ok, goodbye.');
// => Ok, goodbye. / bye
console.log((await db.turns('ann')).map(({ request }) => request));
// => [ 'Hi', "I'm fine", "Let's talk about music.", 'Ok, goodbye.' ]
await db.delete('ann');
