import { Actor, exactMatch, RESPONSE, regexp, type Script, TRANSITIONS } from 'holdfast/dialog';

const script: Script = {
  greeting_flow: {
    start_node: { [TRANSITIONS]: { node1: exactMatch('Hi') } },
    node1: { [RESPONSE]: 'Hi, how are you?', [TRANSITIONS]: { node2: regexp('fine', 'i') } },
    node2: { [RESPONSE]: 'Good. What do you want to talk about?', [TRANSITIONS]: { node3: regexp('music') } },
    node3: {
      [RESPONSE]: 'Sorry, I can not talk about music now.',
      [TRANSITIONS]: { node4: exactMatch('Ok, goodbye.') },
    },
    node4: { [RESPONSE]: 'bye', [TRANSITIONS]: { node1: exactMatch('Hi') } },
    fallback_node: { [RESPONSE]: 'Ooops', [TRANSITIONS]: { node1: exactMatch('Hi') } },
  },
};

/** Answers in a dialog of greetings. */
export const actor = new Actor(script, {
  startLabel: ['greeting_flow', 'start_node'],
  fallbackLabel: ['greeting_flow', 'fallback_node'],
});
