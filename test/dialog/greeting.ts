import { Actor, exactMatch, RESPONSE, type Script, TRANSITIONS } from 'holdfast/dialog';

const script: Script = {
  greeting_flow: {
    start_node: { [RESPONSE]: '', [TRANSITIONS]: { node1: exactMatch('Hi') } },
    node1: { [RESPONSE]: 'Hi, how are you?', [TRANSITIONS]: { node2: exactMatch("i'm fine, how are you?") } },
    node2: {
      [RESPONSE]: 'Good. What do you want to talk about?',
      [TRANSITIONS]: { node3: exactMatch("Let's talk about music.") },
    },
    node3: {
      [RESPONSE]: 'Sorry, I can not talk about music now.',
      [TRANSITIONS]: { node4: exactMatch('Ok, goodbye.') },
    },
    node4: { [RESPONSE]: 'bye', [TRANSITIONS]: { node1: exactMatch('Hi') } },
    fallback_node: { [RESPONSE]: 'Ooops', [TRANSITIONS]: { node1: exactMatch('Hi') } },
  },
};

/** The dialog that every backend is held to. */
export const greeting = () =>
  new Actor(script, { startLabel: ['greeting_flow', 'start_node'], fallbackLabel: ['greeting_flow', 'fallback_node'] });

const first = [
  ['Hi', 'Hi, how are you?'],
  ["i'm fine, how are you?", 'Good. What do you want to talk about?'],
  ["Let's talk about music.", 'Sorry, I can not talk about music now.'],
  ['Ok, goodbye.', 'bye'],
] as const;

/** What is said in it, and what is answered. */
export const turns = [...first, ['Hi', 'Hi, how are you?'], ['stop', 'Ooops'], ['stop', 'Ooops'], ...first] as const;

/** The nodes that it comes through. */
export const nodes = [
  'node1',
  'node2',
  'node3',
  'node4',
  'node1',
  'fallback_node',
  'fallback_node',
  'node1',
  'node2',
  'node3',
  'node4',
];
