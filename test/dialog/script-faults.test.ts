import { describe, expect, test } from '@jest/globals';
import { HoldfastError } from 'holdfast';
import {
  Actor,
  type ActorOptions,
  type Context,
  GLOBAL,
  isTrue,
  LOCAL,
  MISC,
  PRE_RESPONSE_PROCESSING,
  PRE_TRANSITIONS_PROCESSING,
  RESPONSE,
  repeat,
  ScriptError,
  TRANSITIONS,
} from 'holdfast/dialog';

const options: ActorOptions = { startLabel: ['flow', 'node'] };

function placesOf(script: object, given: object = {}): string[] {
  try {
    new Actor(script as never, { ...options, ...given });
    return [];
  } catch (error) {
    return (error as ScriptError).faults.map(({ place, fact }) => `${place} ${fact}`);
  }
}

describe('A script', () => {
  test('without faults is played', () => {
    expect(placesOf({ flow: { node: { [TRANSITIONS]: { node: isTrue() } } } })).toEqual([]);
  });

  test('is told all of its faults at once, each with its place', () => {
    const bad = () => {
      throw new Error('no');
    };
    const found = placesOf({
      [GLOBAL]: { [TRANSITIONS]: { node: isTrue() } },
      flow: {
        [LOCAL]: { [TRANSITIONS]: [[['other', 'node'], isTrue()]] },
        node: {
          [RESPONSE]: bad,
          [TRANSITIONS]: [
            ['missing', isTrue()],
            ['node', () => undefined],
            ['node', bad],
            [repeat(), () => 1],
            [bad, isTrue()],
            [() => 5, isTrue()],
          ],
        },
        two: { [RESPONSE]: () => () => 'x' },
      },
    });
    expect(found).toEqual([
      'GLOBAL, transition to "node" leads to "node", which is no node of the script.',
      'flow.LOCAL, transition to ["other","node"] leads to ["other","node"], which is no node of the script.',
      'flow.node, RESPONSE It threw while the script was checked: no.',
      'flow.node, transition to "missing" leads to ["flow","missing"], which is no node of the script.',
      'flow.node, transition to "node" has a condition that says undefined.',
      'flow.node, transition to "node" Its condition threw while the script was checked: no.',
      'flow.node, transition to repeat() has a condition that says number.',
      'flow.node, transition to bad() Its label function threw while the script was checked: no.',
      'flow.node, transition to what a function says leads to 5, which is no label.',
      'flow.two, RESPONSE is a function that returns a function.',
    ]);
  });

  test('is told what in it is nothing that can be in a script', () => {
    expect(
      placesOf({
        [LOCAL]: {},
        none: 5,
        flow: {
          [RESPONSE]: 'x',
          bare: undefined,
          node: {
            response: 'x',
            [GLOBAL]: {},
            [MISC]: 5,
            [TRANSITIONS]: [
              ['node', true],
              [['a', 'b', 'c'], isTrue()],
              [[1], isTrue()],
            ],
            [PRE_TRANSITIONS_PROCESSING]: { a: 5, b: null },
            [PRE_RESPONSE_PROCESSING]: [],
          },
          odd: { [TRANSITIONS]: 'node' },
        },
      }),
    ).toEqual([
      'none is no flow.',
      'flow has RESPONSE, which does not belong there.',
      'flow.bare is no node.',
      'flow.node has "response", which a node has not.',
      'flow.node has GLOBAL, which does not belong there.',
      'flow.node has MISC that is no object.',
      'flow.node, transition to "node" has boolean for a condition.',
      'flow.node, transition to ["a","b","c"] has no label.',
      'flow.node, transition to [1] has no label.',
      'flow.node, PRE_TRANSITIONS_PROCESSING has "a", which is no function.',
      'flow.node, PRE_RESPONSE_PROCESSING is no object.',
      'flow.odd has TRANSITIONS that cannot be read.',
      'The script has LOCAL, which does not belong there.',
    ]);
    expect(placesOf([])).toEqual([
      'The script is no object.',
      'startLabel is ["flow","node"], which is no node of the script.',
    ]);
  });

  test('has the start and the fallback that the actor is told', () => {
    const script = { flow: { node: {} } };
    expect(placesOf(script, { startLabel: ['flow1', 'node'] })).toEqual([
      'startLabel is ["flow1","node"], which is no node of the script.',
    ]);
    expect(placesOf(script, { fallbackLabel: ['flow', 'node1'] })).toEqual([
      'fallbackLabel is ["flow","node1"], which is no node of the script.',
    ]);
    expect(placesOf(script, { startLabel: undefined })).toHaveLength(1);
    expect(() => new Actor(script, { ...options, labelPriority: Number.NaN })).toThrow(/labelPriority/);
  });

  test('is a typed error that lists them', () => {
    try {
      new Actor({ flow: { node: { [TRANSITIONS]: { missing: isTrue() } } } }, options);
      throw new Error('was played');
    } catch (error) {
      expect(error).toBeInstanceOf(ScriptError);
      expect(error).toBeInstanceOf(HoldfastError);
      expect((error as ScriptError).code).toBe('SCRIPT');
      expect((error as ScriptError).message).toBe(
        'A fault in the script:\n  - flow.node, transition to "missing": leads to ["flow","missing"], which is no node of the script. Add the node, or lead to another.',
      );
    }
  });

  test('is not tried where the validation stage is off, and knows while it is tried', () => {
    const seen: unknown[] = [];
    const script = {
      flow: {
        node: {
          [RESPONSE]: ({ validation, lastRequest }: Context) => {
            seen.push([validation, lastRequest]);
          },
          [TRANSITIONS]: { missing: isTrue() },
        },
      },
    };
    expect(placesOf(script, { validationStage: false })).toEqual([]);
    expect(seen).toEqual([]);
    expect(placesOf(script)).toHaveLength(1);
    expect(seen).toEqual([[true, 'text']]);
  });

  test('whose functions return promises is checked before the first turn', async () => {
    const script = {
      flow: {
        node: {
          [RESPONSE]: async () => () => 'x',
          [TRANSITIONS]: [
            [async () => ['no', 'where'] as const, async () => 5 as never],
            [repeat(), () => Promise.reject(new Error('no'))],
          ] as const,
        },
      },
    };
    const actor = new Actor(script, options);
    const faults = ((await actor().catch((error: unknown) => error)) as ScriptError).faults;
    expect(faults.map(({ place }) => place).sort()).toEqual([
      'flow.node, RESPONSE',
      'flow.node, transition to repeat()',
      'flow.node, transition to what a function says',
      'flow.node, transition to what a function says',
    ]);
    await expect(actor.checked).rejects.toThrow(ScriptError);
  });
});
