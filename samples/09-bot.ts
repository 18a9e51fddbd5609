// A bot in the terminal, whose dialog survives a restart: start it, talk, stop it, start it again, go on.
// Where nobody sits at the terminal it talks to itself. CONTEXTS names the store; without, it is a file that is removed at the end.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Context, type ContextStore, contextStore } from 'holdfast/dialog';
import { actor } from './dialogs/greeting.js';

const folder = await mkdtemp(join(tmpdir(), 'holdfast-bot-'));
const url = process.env.CONTEXTS ?? `sqlite:${folder}/contexts.sqlite`;
const USER = 'ann';

/** What it answers: the context is loaded, goes through the script, and is stored. */
async function answer(db: ContextStore, request: string): Promise<unknown> {
  const context = (await db.get(USER)) ?? new Context({ id: USER });
  context.addRequest(request);
  await db.set(USER, await actor(context));
  return context.lastResponse;
}

if (process.stdin.isTTY && process.stdout.isTTY) {
  await using db = await contextStore(url);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  console.log(`The dialog is in ${url}. An empty line ends it.`);
  for (let said = await terminal.question('> '); said !== ''; said = await terminal.question('> '))
    console.log(await answer(db, said));
  terminal.close();
} else {
  for (const part of [
    ['Hi', "I'm fine, how are you?"],
    ["Let's talk about music.", 'Ok, goodbye.'],
  ]) {
    const db = await contextStore(url);
    for (const said of part) console.log(`${said} / ${await answer(db, said)}`);
    await db.close();
    console.log('-- the bot stops, and starts again --');
  }
  // => Hi / Hi, how are you?
  // => I'm fine, how are you? / Good. What do you want to talk about?
  // => -- the bot stops, and starts again --
  // => Let's talk about music. / Sorry, I can not talk about music now.
  // => Ok, goodbye. / bye
  // => -- the bot stops, and starts again --
  await using db = await contextStore(url);
  const { labels } = (await db.get(USER))!;
  console.log(
    'It came through',
    Object.values(labels).map(([, node]) => node),
  );
  // => It came through [ 'node1', 'node2', 'node3', 'node4' ]
  await db.delete(USER);
}
if (!process.env.CONTEXTS) await rm(folder, { recursive: true });
