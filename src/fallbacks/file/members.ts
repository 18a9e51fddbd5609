import type { Member, Structure } from '../../core/collection.js';
import { Members } from '../../core/members.js';
import { CorruptPlain } from '../../core/plain.js';
import { scoreText, textScore } from '../../core/score-text.js';

/** The members of a collection as JSON, in their order and one in a line: texts, or texts and scores. */
export function membersToJson({ structure, ordered }: Members): string {
  const lines: string[] = [];
  for (const { text, score } of ordered)
    lines.push(isScored(structure) ? `[${JSON.stringify(text)}, ${scoreToJson(score)}]` : JSON.stringify(text));
  return lines.length === 0 ? '[]' : `[\n      ${lines.join(',\n      ')}\n    ]`;
}

/** The inverse, in whatever order they are. @throws CorruptPlain */
export function jsonToMembers(structure: Structure, json: unknown): Members {
  if (!Array.isArray(json)) throw new CorruptPlain('its members are no list');
  if (structure === 'list') return Members.listOf(json.map(textOf));
  const members = json.map((one) => memberOf(structure, one));
  if (new Set(members.map(({ text }) => text)).size < members.length)
    throw new CorruptPlain('it has one member several times');
  return Members.of(structure, members);
}

const isScored = (structure: Structure): boolean => structure === 'sorted-set' || structure === 'geo-set';

// JSON knows neither infinities nor -0.
const scoreToJson = (score: number): string =>
  Number.isFinite(score) && !Object.is(score, -0) ? String(score) : `"${scoreText(score)}"`;

function memberOf(structure: Structure, one: unknown): Member {
  if (!isScored(structure)) return { text: textOf(one), score: 0 };
  const [text, score] = Array.isArray(one) ? one : [];
  return { text: textOf(text), score: typeof score === 'number' ? score : textScore(score) };
}

function textOf(one: unknown): string {
  if (typeof one === 'string') return one;
  throw new CorruptPlain(`${JSON.stringify(one) ?? 'nothing'} is no member`);
}
