import { type Answer, type Delta, type Member, membersOf, notANumber } from '../../core/collection.js';
import type { CollectionChange, CollectionForm, Done, Entry, Outcome, RedisReply } from '../../core/kind.js';
import type { Schema } from '../../core/schema.js';
import { scoreText, textScore } from '../../core/score-text.js';

/** A change of a collection that Redis makes by itself, without anything having been read before. */
export type StepChange = Exclude<CollectionChange, { readonly type: 'patch' | 'modify' }>;

/** Until when, as an argument; empty for ever. */
export const untilText = (expiresAt: number | undefined): string =>
  expiresAt === undefined ? '' : String(Math.min(Math.max(Math.floor(expiresAt), 1), 2 ** 52));

/** Whether Redis can make these changes of one collection, one after the other: only the first of them can be refused. */
export const areSteps = (changes: readonly CollectionChange[]): changes is readonly StepChange[] =>
  changes.every((change, at) => change.type !== 'patch' && change.type !== 'modify' && (at === 0 || !mayFail(change)));

/** Infinities alone have a sum that is no number. */
const mayFail = (change: StepChange): boolean =>
  (change.type === 'put' && change.expect !== undefined) ||
  (change.type === 'increment' && !Number.isFinite(change.by));

/** What must be so of a collection for these steps to be made: the arguments of its check. */
export function checkArgs(form: CollectionForm, first: StepChange): string[] {
  if (first.type === 'delete') return ['-'];
  if (first.type === 'put') return first.expect === undefined ? ['-'] : ['members', '', 'none'];
  if (first.type !== 'increment' || !mayFail(first)) return ['members', form.type, '-'];
  return ['members', form.type, 'unlike', first.text, scoreText(-first.by)];
}

/** The arguments of one step. */
export function stepArgs({ limit }: Schema, form: CollectionForm, change: StepChange): string[] {
  const most = limit === undefined ? '' : String(limit);
  switch (change.type) {
    case 'put':
      return putMembersArgs(form, { value: change.row, expiresAt: change.expiresAt });
    case 'delete':
      return ['delete'];
    case 'add': {
      const [command, ...args] = form.put(change.members);
      return ['add', untilText(change.expiresAt), command, form.type === 'zset' ? most : '', ...counted(args)];
    }
    case 'remove':
      return ['remove', form.type === 'zset' ? 'ZREM' : 'SREM', ...counted(textsOf(change))];
    case 'increment':
      return ['increment', untilText(change.expiresAt), most, change.text, scoreText(change.by)];
    case 'push': {
      const command = change.end === 'last' ? 'RPUSH' : 'LPUSH';
      return ['push', untilText(change.expiresAt), command, most, ...counted(change.texts)];
    }
    case 'pop':
      return ['pop', change.end === 'last' ? 'RPOP' : 'LPOP'];
  }
}

/** The step that makes a collection what it is to be. */
export function putMembersArgs(form: CollectionForm, { value, expiresAt }: Entry): string[] {
  const [command, ...args] = form.put([...membersOf(value).ordered]);
  return ['put', untilText(expiresAt), command, ...counted(args)];
}

const counted = (args: readonly string[]): string[] => [String(args.length), ...args];

const textsOf = ({ texts }: StepChange & { readonly type: 'remove' }) => [...new Set(texts)];

/** What is told where the check of these steps failed with `fact`. */
export function refusalOf(first: StepChange, fact: string): Exclude<Outcome, Done> | undefined {
  if (fact === 'exists') return { status: 'exists' };
  if (fact !== 'invalid' || first.type !== 'increment') return undefined;
  return { status: 'invalid', fact: notANumber(first.text, first.by) };
}

const NOTHING: Answer = { members: [], numbers: [] };
const numbers = (number: number): Answer => ({ members: [], numbers: [number] });

/** What came of a step, of what Redis answers to it. */
export function outcomeOf(change: StepChange, reply: readonly RedisReply[]): Done {
  const existed = reply[0] === 1;
  switch (change.type) {
    case 'put':
      return { status: 'done', entry: { value: change.row, expiresAt: change.expiresAt }, existed };
    case 'delete':
      return { status: 'done', entry: null, existed };
  }
  const until = reply[1] === '' ? undefined : Number(reply[1]);
  if (reply.length === 1) {
    const answer = change.type === 'remove' ? numbers(0) : NOTHING;
    return { status: 'done', entry: null, existed, delta: { type: 'members', put: [], remove: [] }, answer };
  }
  return { status: 'done', entry: { value: undefined, expiresAt: until }, existed, ...madeOf(change, reply) };
}

type MemberStep = Exclude<StepChange, { readonly type: 'put' | 'delete' }>;

function madeOf(change: MemberStep, reply: readonly RedisReply[]): { readonly delta: Delta; readonly answer: Answer } {
  switch (change.type) {
    case 'add': {
      const was = reply[3] as string;
      const added = was === '' ? Number(reply[2]) : [...was].filter((flag) => flag === '0').length;
      return { delta: putDelta(change.members, was, reply[4]), answer: numbers(added) };
    }
    case 'increment': {
      const score = textScore(reply[2]);
      return { delta: putDelta([{ text: change.text, score }], reply[3] as string, reply[4]), answer: numbers(score) };
    }
    case 'remove': {
      const was = reply[2] as string;
      const remove = textsOf(change).filter((_, at) => was[at] === '1');
      return { delta: { type: 'members', put: [], remove }, answer: numbers(remove.length) };
    }
    case 'push': {
      const { end, texts } = change;
      return {
        delta: { type: 'ends', end, pop: 0, push: texts, trim: Number(reply[3]) },
        answer: numbers(Number(reply[2])),
      };
    }
    case 'pop': {
      const members = typeof reply[2] === 'string' ? [{ text: reply[2], score: 0 }] : [];
      const delta: Delta = { type: 'ends', end: change.end, pop: members.length, push: [], trim: 0 };
      return { delta, answer: { members, numbers: [] } };
    }
  }
}

/** `was` says of each member whether it was there, `gone` which are over the limit. */
function putDelta(members: readonly Member[], was: string, gone: RedisReply | undefined): Delta {
  // Lua has an empty list as an object.
  const lowest = Array.isArray(gone) ? gone.map(String) : [];
  if (lowest.length === 0) return { type: 'members', put: members, remove: [] };
  const over = new Set(lowest);
  const made = new Set(members.filter((_, at) => was[at] === '0').map(({ text }) => text));
  return {
    type: 'members',
    put: members.filter(({ text }) => !over.has(text)),
    remove: lowest.filter((text) => !made.has(text)),
  };
}
