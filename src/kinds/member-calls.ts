import type { Member } from '../core/collection.js';
import type { ChangeCall, EntityAccess, QueryCall } from '../core/kind.js';
import { CollectionCall, countIn } from './collection-call.js';
import { type CollectionShape, toMember } from './collection-codec.js';

type ChangeMembers = (access: EntityAccess, key: unknown, ...given: unknown[]) => ChangeCall | QueryCall;

/** Adds members, the last of those that are the same; those that are there take what they are given with. How many were not there before. */
export const adding =
  (shape: CollectionShape, place: string): ChangeMembers =>
  (access, key, ...given) => {
    const call = new CollectionCall(access, 'add');
    const members = new Map<string, Member>();
    given.forEach((item, at) => {
      const member = call.read(`${place}[${at}]`, () => toMember(shape, call.codec, item));
      members.set(member.text, member);
    });
    if (members.size === 0) return call.nothing(key, 0);
    return call.change(key, { type: 'add', members: [...members.values()], expiresAt: call.expiresAt }, countIn);
  };

/** How many there were. */
export const removing =
  (place: string): ChangeMembers =>
  (access, key, ...given) => {
    const call = new CollectionCall(access, 'remove');
    const texts = [...new Set(given.map((member, at) => call.text(`${place}[${at}]`, member)))];
    if (texts.length === 0) return call.nothing(key, 0);
    return call.change(key, { type: 'remove', texts }, countIn);
  };

/** How many members there are. */
export const counting =
  (name: string) =>
  (access: EntityAccess, key: unknown, given?: unknown): QueryCall => {
    const call = new CollectionCall(access, name);
    return call.ask(key, { type: 'size' }, call.options(given), 0, countIn);
  };
