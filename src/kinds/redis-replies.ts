import type { Member } from '../core/collection.js';
import type { RedisCommand, RedisReply } from '../core/kind.js';
import { textScore } from '../core/score-text.js';

/** A list; Lua has an empty one as an object. */
export const listOf = (reply: RedisReply | undefined): readonly RedisReply[] => (Array.isArray(reply) ? reply : []);

/** Members and scores in turn. @throws CorruptPlain */
export function scoredOf(reply: RedisReply | undefined): Member[] {
  const flat = listOf(reply);
  const members: Member[] = [];
  for (let at = 0; at < flat.length; at += 2) members.push({ text: String(flat[at]), score: textScore(flat[at + 1]) });
  return members;
}

/** Members without scores. */
export const unscoredOf = (reply: RedisReply | undefined): Member[] =>
  listOf(reply).map((text) => ({ text: String(text), score: 0 }));

// A script hands no more to one command.
const MOST_TEXTS = 4000;

/** A command about texts, as many times as it takes for all of them. */
export function aboutTexts(name: string, texts: readonly string[]): RedisCommand[] {
  const commands: RedisCommand[] = [];
  for (let at = 0; at < texts.length; at += MOST_TEXTS) commands.push([name, ...texts.slice(at, at + MOST_TEXTS)]);
  return commands;
}

/** A count. */
export const countOf = (reply: RedisReply | undefined): number => Number(reply);
