import { describe } from '../core/codecs.js';
import { ValueFault } from '../metadata/value-fault.js';
import { type CollectionShape, within } from './collection-codec.js';
import { memberText, textMember } from './member-text.js';

interface Item {
  readonly member?: unknown;
  readonly score?: unknown;
}

/** A sorted set in an entity: an array of members and scores. */
export const sortedSetShape: CollectionShape = {
  structure: 'sorted-set',
  type: 'SortedSetMembers',
  item: 'a member and its score, as in { member, score }',
  parts: ['member', 'score'],
  toMember: (codec, item) => {
    const { member, score } = item as Item;
    return {
      text: within('.member', () => memberText(codec, member)),
      score: within('.score', () => scoreOf(score)),
    };
  },
  toItem: (codec, { text, score }) => ({ member: textMember(codec, text), score }),
};

function scoreOf(given: unknown): number {
  if (typeof given === 'number' && !Number.isNaN(given)) return given;
  throw new ValueFault('', `must be a finite or infinite number, got ${describe(given)}`);
}
