import type { Codec } from '../core/codec.js';
import { describe } from '../core/codecs.js';
import type { Member, Structure } from '../core/collection.js';
import { Members } from '../core/members.js';
import type { Plain } from '../core/plain.js';
import { type InstanceCodec, instanceOf } from '../metadata/nested.js';
import { faultWithin, ValueFault } from '../metadata/value-fault.js';

/** How one kind of collection looks in an entity. */
export interface CollectionShape {
  readonly structure: Structure;
  /** The property's type, as a class declares it. */
  readonly type: string;
  /** The type of one item, as errors say it. */
  readonly item: string;
  /** A property's value as a list of items, and back; arrays where left out. */
  readonly as?: {
    readonly list: (given: unknown) => readonly unknown[];
    readonly value: (items: unknown[]) => unknown;
  };
  /** The names of an item's parts; `undefined` where it is the member itself. */
  readonly parts?: readonly string[];
  /** @throws ValueFault, or what the codec of a member throws */
  toMember(codec: Codec, item: unknown): Member;
  /** @throws CorruptPlain */
  toItem(codec: Codec, member: Member): unknown;
}

/** The codec of a property that holds a collection: of arrays or sets, and the row's one cell. */
export function collectionCodec(shape: CollectionShape, member: Codec, limit: number | undefined): InstanceCodec {
  const { structure, as = ARRAYS } = shape;
  return {
    name: `${shape.type}<${member.name}>`,
    storage: 'json',
    encode: (given) => asPlain(trimmed(membersFrom(shape, member, as.list(given)), limit)),
    decode: (plain) => as.value(Array.from(asMembers(plain).ordered, (one) => shape.toItem(member, one))),
    toInstance: (given) => as.value(as.list(given).map((item) => itemWithInstance(structure, member, item))),
  };
}

// What a row's one cell holds is no plain value but all of its members. Only kinds look inside, so that codecs may take it for one.
const asPlain = (members: Members) => members as unknown as Exclude<Plain, null>;
const asMembers = (plain: Plain) => plain as unknown as Members;

const ARRAYS: NonNullable<CollectionShape['as']> = {
  list(given) {
    if (Array.isArray(given)) return [...given];
    throw new ValueFault('', `must be an array, got ${describe(given)}`);
  },
  value: (items) => items,
};

function membersFrom(shape: CollectionShape, codec: Codec, items: readonly unknown[]): Members {
  const { structure } = shape;
  const members = items.map((item, at) => within(`[${at}]`, () => toMember(shape, codec, item)));
  if (structure === 'list') return Members.listOf(members.map(({ text }) => text));
  const first = new Map<string, number>();
  members.forEach(({ text }, at) => {
    const before = first.get(text);
    if (before === undefined) first.set(text, at);
    else if (structure !== 'set')
      throw new ValueFault(`[${at}].member`, `is the member of [${before}] again`, {
        remedy: 'Give each member once.',
      });
  });
  return Members.of(
    structure,
    Array.from(first.values(), (at) => members[at]!),
  );
}

function trimmed(members: Members, limit = Number.POSITIVE_INFINITY): Members {
  const over = members.size - limit;
  return over > 0 ? members.without(members.ordered.slice(0, over)) : members;
}

/** What is stored of one item. @throws ValueFault, or what the codec of a member throws */
export function toMember(shape: CollectionShape, codec: Codec, item: unknown): Member {
  const { parts } = shape;
  if (parts) checkParts(parts, shape.item, item);
  return shape.toMember(codec, item);
}

function checkParts(parts: readonly string[], wanted: string, item: unknown): void {
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    throw new ValueFault('', `must be ${wanted}, got ${describe(item)}`);
  for (const name of Object.keys(item))
    if (!parts.includes(name)) throw new ValueFault(`.${name}`, `is not known (there are: ${parts.join(', ')})`);
}

function itemWithInstance(structure: Structure, codec: Codec, item: unknown): unknown {
  if (structure === 'list' || structure === 'set') return instanceOf(codec, item);
  const given = item as { readonly member: unknown };
  return { ...given, member: instanceOf(codec, given.member) };
}

/** Runs a step of reading what was given; its faults are told as of `place`. @throws ValueFault */
export function within<T>(place: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw faultWithin(place, error);
  }
}
