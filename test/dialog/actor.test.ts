import { describe, expect, test } from '@jest/globals';
import { ValidationError } from 'holdfast';
import {
  Actor,
  type ActorOptions,
  ActorStage,
  type Condition,
  Context,
  exactMatch,
  forward,
  GLOBAL,
  isTrue,
  LOCAL,
  MISC,
  type Node,
  PRE_RESPONSE_PROCESSING,
  PRE_TRANSITIONS_PROCESSING,
  type Processing,
  RESPONSE,
  type Script,
  TRANSITIONS,
  type TransitionLabel,
} from 'holdfast/dialog';
import { greeting, nodes, turns } from './greeting.js';

const rooted: ActorOptions = { startLabel: ['root', 'start'], fallbackLabel: ['root', 'fallback'] };
const root = (to: string) => ({
  start: { [RESPONSE]: '', [TRANSITIONS]: [[['flow', to], isTrue()]] as const },
  fallback: { [RESPONSE]: 'the end' },
});

async function answers(actor: Actor, requests: readonly unknown[], context = new Context()): Promise<unknown[]> {
  const given: unknown[] = [];
  for (const request of requests) {
    context.addRequest(request);
    await actor(context);
    given.push(context.lastResponse);
  }
  return given;
}

describe('An actor', () => {
  test('leads the greeting dialog, its context written and read again after every turn', async () => {
    const actor = greeting();
    let json = '';
    for (const [request, response] of turns) {
      const context = Context.cast(json);
      context.addRequest(request);
      const answered = await actor(context);
      expect(answered).toBe(context);
      expect(answered.lastResponse).toBe(response);
      json = JSON.stringify(answered);
    }
    const { labels, frameworkStates } = Context.cast(json);
    expect(Object.values(labels)).toEqual(nodes.map((node) => ['greeting_flow', node]));
    expect(frameworkStates).toEqual({});
  });

  test('begins a dialog without a request at the start, with an empty one', async () => {
    const context = await greeting()();
    expect(context.requests).toEqual({ 0: '' });
    expect(context.labels).toEqual({ 0: ['greeting_flow', 'start_node'], 1: ['greeting_flow', 'fallback_node'] });
    expect(context.responses).toEqual({ 0: 'Ooops' });
  });

  test('goes on from a node that the script does not have any more', async () => {
    const context = new Context({ labels: { 0: ['gone', 'node'] } });
    expect(await answers(greeting(), ['Hi'], context)).toEqual(['Ooops']);
  });

  test('runs the processing of the script, the flow and the node, the nearest of a name in its place', async () => {
    const prefix =
      (text: string): Processing =>
      (context) => {
        const node = context.currentNode!;
        node.response = `${text}: ${node.response}`;
        context.overwriteCurrentNodeInProcessing(node);
      };
    const step = (response: string, name: string) => ({
      [RESPONSE]: response,
      [PRE_RESPONSE_PROCESSING]: { [name]: prefix(`${name}_${response}`) },
      [TRANSITIONS]: [[forward(), isTrue()]] as const,
    });
    const script: Script = {
      root: root('one'),
      [GLOBAL]: { [PRE_RESPONSE_PROCESSING]: { p1: prefix('p1_global'), p2: prefix('p2_global') } },
      flow: {
        [LOCAL]: { [PRE_RESPONSE_PROCESSING]: { p2: prefix('p2_local'), p3: prefix('p3_local') } },
        one: { [RESPONSE]: 'one', [TRANSITIONS]: [[forward(), isTrue()]] },
        two: step('two', 'p1'),
        three: step('three', 'p2'),
        four: step('four', 'p4'),
      },
    };
    expect(await answers(new Actor(script, rooted), ['', '', '', '', ''])).toEqual([
      'p3_local: p2_local: p1_global: one',
      'p3_local: p2_local: p1_two: two',
      'p3_local: p2_three: p1_global: three',
      'p4_four: p3_local: p2_local: p1_global: four',
      'p3_local: p2_local: p1_global: one',
    ]);
  });

  test('gives a node the misc of the script and the flow, and leaves the script as it was', async () => {
    const response = (context: Context) => {
      if (context.validation) return '';
      const { misc } = context.currentNode!;
      const told = JSON.stringify(misc);
      misc.a = 'changed';
      return told;
    };
    const script: Script = {
      root: root('one'),
      [GLOBAL]: { [MISC]: { a: 'global', b: 'global', c: 'global' } },
      flow: {
        [LOCAL]: { [MISC]: { b: 'local', c: 'local' } },
        one: { [MISC]: { c: 'node' }, [RESPONSE]: response, [TRANSITIONS]: { one: isTrue() } },
      },
    };
    const told = '{"a":"global","b":"local","c":"node"}';
    expect(await answers(new Actor(script, rooted), ['', ''])).toEqual([told, told]);
  });

  test('runs what comes before the transitions on the node that it leaves, which may be given others', async () => {
    const script: Script = {
      root: root('one'),
      [GLOBAL]: {
        [TRANSITIONS]: [[forward(0.1), isTrue()]],
        [PRE_TRANSITIONS_PROCESSING]: {
          note: (context) => {
            context.misc.left = context.currentNode!.response;
          },
        },
        [PRE_RESPONSE_PROCESSING]: {
          tell: (context) => {
            context.currentNode!.response = `${context.misc.left} -> ${context.currentNode!.response}`;
          },
        },
      },
      flow: {
        one: { [RESPONSE]: 'one' },
        two: {
          [RESPONSE]: 'two',
          [PRE_TRANSITIONS_PROCESSING]: {
            jump: (context) => {
              const node = context.currentNode as Node;
              context.overwriteCurrentNodeInProcessing({
                ...node,
                transitions: [{ label: { flow: '', node: 'four', priority: undefined }, condition: isTrue() }],
              });
            },
          },
        },
        three: { [RESPONSE]: 'three' },
        four: { [RESPONSE]: 'four' },
      },
    };
    expect(await answers(new Actor(script, rooted), ['', '', ''])).toEqual([' -> one', 'one -> two', 'two -> four']);
  });

  test('passes over processing that throws, and goes on with a context that it returns', async () => {
    const told: string[] = [];
    const logger = { info() {}, warn() {}, error: (message: string) => told.push(message) };
    const script: Script = {
      root: root('one'),
      flow: {
        one: {
          [RESPONSE]: 'one',
          [PRE_RESPONSE_PROCESSING]: {
            none: null,
            bad: () => {
              throw new Error('no');
            },
            async: async (context) => {
              context.misc.seen = true;
              return context;
            },
          },
        },
      },
    };
    const context = new Context();
    expect(await answers(new Actor(script, { ...rooted, logger }), [''], context)).toEqual(['one']);
    expect(context.misc).toEqual({ seen: true });
    expect(told).toEqual(['The processing function bad threw, and was passed over: Error: no']);
  });

  test('takes the transition of the highest priority; of equals, that of the node before the flow before the script', async () => {
    const to = (scope: 'node' | 'local' | 'global', priority?: number) =>
      priority === undefined
        ? ([[['flow', scope], isTrue()]] as const)
        : ([
            [['flow', 'fallback', priority - 1], isTrue()],
            [['flow', scope, priority], isTrue()],
            [['flow', 'fallback', priority], isTrue()],
          ] as const);
    const at = async (node?: number, local?: number, global?: number, options = {}) => {
      const script: Script = {
        [GLOBAL]: { [TRANSITIONS]: to('global', global) },
        flow: {
          [LOCAL]: { [TRANSITIONS]: to('local', local) },
          start: { [TRANSITIONS]: to('node', node) },
          node: { [RESPONSE]: 'node' },
          local: { [RESPONSE]: 'local' },
          global: { [RESPONSE]: 'global' },
          fallback: { [RESPONSE]: 'fallback' },
        },
      };
      const actor = new Actor(script, {
        startLabel: ['flow', 'start'],
        fallbackLabel: ['flow', 'fallback'],
        ...options,
      });
      return (await answers(actor, [''], new Context({ labels: { 0: ['flow', 'start'] } })))[0];
    };
    expect(await at()).toBe('node');
    expect(await at(0.5)).toBe('local');
    expect(await at(0.5, 0.7)).toBe('global');
    expect(await at(0.5, 0.7, 0.6)).toBe('local');
    expect(await at(2, 2, 2)).toBe('node');
    expect(await at(1, 2, 2)).toBe('local');
    expect(await at(1, 2, undefined, { labelPriority: 3 })).toBe('global');
  });

  test('takes functions for labels, conditions and responses, also ones that return promises', async () => {
    const script: Script = {
      flow: {
        start: {
          [TRANSITIONS]: new Map<TransitionLabel, Condition>([
            [() => undefined, isTrue()],
            [async () => ['flow', 'told', 5] as const, async (context: Context) => context.lastRequest === 'go'],
          ]),
        },
        told: { [RESPONSE]: async (context: Context) => `heard ${context.lastRequest}` },
        lost: { [RESPONSE]: 'lost' },
      },
    };
    const actor = new Actor(script, {
      startLabel: ['flow', 'start'],
      fallbackLabel: ['flow', 'lost'],
      validationStage: false,
    });
    expect(await answers(actor, ['go'])).toEqual(['heard go']);
    expect(await answers(actor, ['stay'])).toEqual(['lost']);
  });

  test('passes over labels that lead nowhere and conditions that throw, and says so', async () => {
    const told: string[] = [];
    const logger = { info() {}, warn() {}, error: (message: string) => told.push(message) };
    const bad = (): never => {
      throw new Error('no');
    };
    const script: Script = {
      flow: {
        start: {
          [TRANSITIONS]: [
            [() => ['no', 'where'] as const, isTrue()],
            [() => 5 as never, isTrue()],
            [bad, isTrue()],
            ['start', bad],
          ],
        },
        lost: { [RESPONSE]: 'lost' },
      },
    };
    const options = {
      startLabel: ['flow', 'start'],
      fallbackLabel: ['flow', 'lost'],
      validationStage: false,
      logger,
    } as const;
    expect(await answers(new Actor(script, options), ['x'])).toEqual(['lost']);
    expect(told).toHaveLength(4);
    expect(told[0]).toMatch(/\["no","where"\], which is no node/);
  });

  test('gives conditions a context of their own', async () => {
    const script: Script = {
      flow: {
        start: {
          [TRANSITIONS]: {
            start: (context) => {
              context.misc.changed = true;
              context.addRequest('more');
              context.labels = {};
              return true;
            },
          },
        },
      },
    };
    const context = new Context({ misc: { own: { a: 1 } } });
    await answers(new Actor(script, { startLabel: ['flow', 'start'] }), ['x'], context);
    expect([context.misc, context.requests]).toEqual([{ own: { a: 1 } }, { 0: 'x' }]);
    expect(context.labels).toEqual({ 0: ['flow', 'start'] });
  });

  test('calls conditions through its condition handler', async () => {
    const seen: unknown[] = [];
    const actor = new Actor(
      { flow: { start: { [TRANSITIONS]: { other: exactMatch('x') } }, other: { [RESPONSE]: 'other' } } },
      {
        startLabel: ['flow', 'start'],
        conditionHandler: async (condition, context, given) => {
          seen.push([context.lastRequest, given === actor]);
          return !(await condition(context, given));
        },
      },
    );
    expect(await answers(actor, ['y'])).toEqual(['other']);
    expect(seen).toEqual([['y', true]]);
  });

  test('calls handlers after every stage of a turn, in their order', async () => {
    const seen: string[] = [];
    const handlers = Object.fromEntries(
      Object.values(ActorStage).map((stage) => [
        stage,
        [
          async ({ labels, responses, currentNode }: Context) => {
            const counts = `${Object.keys(labels).length} ${Object.keys(responses).length}`;
            seen.push(`${stage} ${counts} ${String(currentNode?.response)}`);
          },
        ],
      ]),
    );
    const script: Script = {
      flow: { start: { [RESPONSE]: 'a', [TRANSITIONS]: { next: isTrue() } }, next: { [RESPONSE]: 'b' } },
    };
    await answers(new Actor(script, { startLabel: ['flow', 'start'], handlers }), ['x']);
    expect(seen).toEqual([
      'CONTEXT_INIT 0 0 undefined',
      'GET_PREVIOUS_NODE 0 0 a',
      'REWRITE_PREVIOUS_NODE 0 0 a',
      'RUN_PRE_TRANSITIONS_PROCESSING 0 0 a',
      'GET_TRUE_LABELS 0 0 a',
      'GET_NEXT_NODE 0 0 b',
      'REWRITE_NEXT_NODE 1 0 b',
      'RUN_PRE_RESPONSE_PROCESSING 1 0 b',
      'CREATE_RESPONSE 1 0 b',
      'FINISH_TURN 1 1 b',
    ]);
    expect(() => new Actor(script, { startLabel: ['flow', 'start'], handlers: { NO: [] } as never })).toThrow(
      ValidationError,
    );
    expect(() => new Actor(script, { startLabel: ['flow', 'start'], handlers: { FINISH_TURN: [1] } as never })).toThrow(
      ValidationError,
    );
  });

  test('lets go of its state where a response throws', async () => {
    const bad = (context: Context) => {
      if (!context.validation) throw new Error('no answer');
    };
    const actor = new Actor({ flow: { start: { [RESPONSE]: bad } } }, { startLabel: ['flow', 'start'] });
    const context = new Context();
    context.addRequest('x');
    await expect(actor(context)).rejects.toThrow('no answer');
    expect(context.frameworkStates).toEqual({});
  });

  test('calls each function of a script once in a turn that needs it, and no other', async () => {
    const calls: Record<string, number> = {};
    const counted =
      <T>(name: string, value: T) =>
      () => {
        calls[name] = (calls[name] ?? 0) + 1;
        return value;
      };
    const node = (name: string, next: readonly [string, string]) => ({
      [RESPONSE]: counted(`response ${name}`, name),
      [TRANSITIONS]: [[counted(`label ${name}`, next), counted(`condition ${name}`, true)]] as const,
      [PRE_TRANSITIONS_PROCESSING]: { [name]: counted(`before ${name}`, undefined) },
      [PRE_RESPONSE_PROCESSING]: { [name]: counted(`response of ${name}`, undefined) },
    });
    const global = counted('global', ['one', 'a', 0] as const);
    const script: Script = {
      [GLOBAL]: { [TRANSITIONS]: [[global, counted('global condition', true)]] },
      one: {
        [LOCAL]: { [TRANSITIONS]: [[counted('local', ['one', 'a', 0] as const), isTrue()]] },
        a: node('a', ['one', 'b']),
        b: node('b', ['two', 'c']),
      },
      two: { c: node('c', ['two', 'd']), d: node('d', ['one', 'a']) },
    };
    const actor = new Actor(script, { startLabel: ['one', 'a'], validationStage: false });
    expect(await answers(actor, ['', '', '', ''])).toEqual(['b', 'c', 'd', 'a']);
    expect(calls.global).toBe(4);
    expect(calls.local).toBe(2);
    const { global: _, 'global condition': __, local: ___, ...rest } = calls;
    expect(Object.values(rest)).toEqual(Array(20).fill(1));
  });
});
