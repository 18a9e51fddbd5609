import {
  GLOBAL,
  LOCAL,
  MISC,
  PRE_RESPONSE_PROCESSING,
  PRE_TRANSITIONS_PROCESSING,
  RESPONSE,
  TRANSITIONS,
} from './keywords.js';
import {
  type Condition,
  emptyNode,
  type LabelFunction,
  type Node,
  type ProcessingSteps,
  type Transition,
} from './node.js';
import type { ReadFlow, ReadScript } from './script.js';
import type { ScriptFault } from './script-error.js';
import { scoredLabel } from './transition-label.js';

type Properties = Readonly<Record<string | symbol, unknown>>;

const KEYWORDS: readonly (string | symbol)[] = [
  TRANSITIONS,
  RESPONSE,
  MISC,
  PRE_TRANSITIONS_PROCESSING,
  PRE_RESPONSE_PROCESSING,
];
const NAMED = '[TRANSITIONS], [RESPONSE], [MISC], [PRE_TRANSITIONS_PROCESSING] and [PRE_RESPONSE_PROCESSING]';

/** Reads a script as it is written; what cannot be read is left out and added to the faults. */
export function readScript(script: unknown, faults: ScriptFault[]): ReadScript {
  if (!isObject(script)) {
    faults.push({
      place: 'The script',
      fact: 'is no object.',
      remedy: 'Give flows by name: { flow: { node: { … } } }.',
    });
    return { global: emptyNode(), flows: new Map() };
  }
  const flows = new Map<string, ReadFlow>();
  for (const [name, flow] of Object.entries(script)) flows.set(name, readFlow(name, flow, faults));
  strangers(script, [GLOBAL], 'The script', '[GLOBAL]', faults);
  return { global: readNode(script[GLOBAL], 'GLOBAL', faults), flows };
}

function readFlow(name: string, flow: unknown, faults: ScriptFault[]): ReadFlow {
  if (!isObject(flow)) {
    faults.push({ place: name, fact: 'is no flow.', remedy: 'Give nodes by name: { node: { … } }.' });
    return { local: emptyNode(), nodes: new Map() };
  }
  strangers(flow, [LOCAL], name, '[LOCAL]', faults);
  return {
    local: readNode(flow[LOCAL], `${name}.LOCAL`, faults),
    nodes: new Map(
      Object.entries(flow).map(([node, given]) => [node, readNode(given ?? null, `${name}.${node}`, faults)]),
    ),
  };
}

function readNode(given: unknown, place: string, faults: ScriptFault[]): Node {
  if (given === undefined) return emptyNode();
  if (!isObject(given)) {
    faults.push({ place, fact: 'is no node.', remedy: 'Give { [RESPONSE]: …, [TRANSITIONS]: … }.' });
    return emptyNode();
  }
  for (const name of Object.keys(given))
    faults.push({ place, fact: `has ${JSON.stringify(name)}, which a node has not.`, remedy: `It has ${NAMED}.` });
  strangers(given, KEYWORDS, place, NAMED, faults);
  const misc = given[MISC] ?? {};
  if (!isObject(misc)) faults.push({ place, fact: 'has MISC that is no object.', remedy: 'Give { name: value }.' });
  return {
    transitions: readTransitions(given[TRANSITIONS] ?? {}, place, faults),
    response: given[RESPONSE],
    preTransitionsProcessing: readProcessing(
      given[PRE_TRANSITIONS_PROCESSING],
      place,
      'PRE_TRANSITIONS_PROCESSING',
      faults,
    ),
    preResponseProcessing: readProcessing(given[PRE_RESPONSE_PROCESSING], place, 'PRE_RESPONSE_PROCESSING', faults),
    misc: isObject(misc) ? { ...misc } : {},
  };
}

function strangers(
  given: Properties,
  known: readonly (string | symbol)[],
  place: string,
  allowed: string,
  faults: ScriptFault[],
): void {
  for (const symbol of Object.getOwnPropertySymbols(given))
    if (!known.includes(symbol))
      faults.push({
        place,
        fact: `has ${symbol.description?.replace('holdfast.dialog.', '') ?? 'a symbol'}, which does not belong there.`,
        remedy: `Beside names there can be ${allowed}.`,
      });
}

function readTransitions(given: unknown, place: string, faults: ScriptFault[]): Transition[] {
  const pairs = pairsOf(given);
  if (!pairs) {
    faults.push({
      place,
      fact: 'has TRANSITIONS that cannot be read.',
      remedy: 'Give { node: condition }, or pairs: [[label, condition]].',
    });
    return [];
  }
  return pairs.flatMap(([label, condition]) => {
    const scored = typeof label === 'function' ? (label as LabelFunction) : scoredLabel(label);
    const to = `${place}, transition to ${shownLabel(label)}`;
    if (!scored)
      faults.push({
        place: to,
        fact: 'has no label.',
        remedy: "Give 'node', ['flow', 'node'], ['node', priority], ['flow', 'node', priority], or a function.",
      });
    if (typeof condition !== 'function')
      faults.push({
        place: to,
        fact: `has ${typeof condition} for a condition.`,
        remedy: 'Give a function: isTrue().',
      });
    return scored && typeof condition === 'function' ? [{ label: scored, condition: condition as Condition }] : [];
  });
}

function pairsOf(given: unknown): readonly (readonly [unknown, unknown])[] | undefined {
  if (given instanceof Map) return [...given];
  if (Array.isArray(given)) return given.every((pair) => Array.isArray(pair) && pair.length === 2) ? given : undefined;
  return isObject(given) ? Object.entries(given) : undefined;
}

function readProcessing(given: unknown, place: string, keyword: string, faults: ScriptFault[]): ProcessingSteps {
  if (given === undefined) return {};
  const wrong = (fact: string) =>
    faults.push({ place: `${place}, ${keyword}`, fact, remedy: 'Give functions by name: { tidy: (context) => … }.' });
  if (!isObject(given)) {
    wrong('is no object.');
    return {};
  }
  for (const [name, step] of Object.entries(given))
    if (step !== null && typeof step !== 'function') wrong(`has ${JSON.stringify(name)}, which is no function.`);
  return { ...given } as ProcessingSteps;
}

/** A label as faults and logs show it. */
export function shownLabel(label: unknown): string {
  if (typeof label === 'function') return label.name === '' ? 'what a function says' : `${label.name}()`;
  return label === undefined ? 'undefined' : JSON.stringify(label);
}

const isObject = (given: unknown): given is Properties =>
  typeof given === 'object' && given !== null && !Array.isArray(given);
