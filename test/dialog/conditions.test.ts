import { describe, expect, test } from '@jest/globals';
import { ValidationError } from 'holdfast';
import {
  Actor,
  agg,
  aggregate,
  all,
  any,
  backward,
  type Condition,
  Context,
  choice,
  exactMatch,
  forward,
  hasLastLabels,
  isFalse,
  isTrue,
  type LabelFunction,
  LOCAL,
  lastLabels,
  neg,
  negation,
  previous,
  regexp,
  repeat,
  toFallback,
  toStart,
} from 'holdfast/dialog';

const actor = new Actor(
  {
    flow: { [LOCAL]: {}, node1: {}, node2: {}, node3: {} },
    service: { start: {}, fallback: {} },
  },
  { startLabel: ['service', 'start'], fallbackLabel: ['service', 'fallback'] },
);

describe('Conditions', () => {
  const context = new Context();
  context.addRequest('text');
  for (const node of ['node1', 'node2']) context.addLabel(['flow', node]);
  const holds = async (condition: Condition, of = context) => condition(of, actor);

  test('compare the last request by content', async () => {
    expect(await holds(exactMatch('text'))).toBe(true);
    expect(await holds(exactMatch('text1'))).toBe(false);
    const card = new Context({ requests: { 0: 'text', 1: { button: [1] } } });
    expect(await holds(exactMatch({ button: [1] }), card)).toBe(true);
    expect(await holds(exactMatch('text'), card)).toBe(false);
  });

  test('look for a pattern in it', async () => {
    expect(await holds(regexp('t.*t'))).toBe(true);
    expect(await holds(regexp('t.*t1'))).toBe(false);
    expect(await holds(regexp('TEXT', 'i'))).toBe(true);
    const global = regexp(/x/g);
    expect([await holds(global), await holds(global)]).toEqual([true, true]);
    expect(await holds(regexp('5'), new Context({ requests: { 0: 5 } }))).toBe(false);
  });

  test('are put together', async () => {
    const [yes, no] = [exactMatch('text'), exactMatch('other')];
    expect([await holds(any([no, yes])), await holds(any([no, no])), await holds(any([]))]).toEqual([
      true,
      false,
      false,
    ]);
    expect([await holds(all([yes, yes])), await holds(all([no, yes])), await holds(all([]))]).toEqual([
      true,
      false,
      true,
    ]);
    expect([await holds(negation(yes)), await holds(neg(no))]).toEqual([false, true]);
    expect(await holds(agg([yes, no, async () => true], (answers) => answers.filter(Boolean).length === 2))).toBe(true);
    expect([await holds(isTrue()), await holds(isFalse())]).toEqual([true, false]);
    expect(aggregate).toBe(agg);
    expect(() => any([123 as never])).toThrow(ValidationError);
  });

  test('know where the dialog was last', async () => {
    expect(await holds(hasLastLabels({ flowLabels: ['flow'] }))).toBe(true);
    expect(await holds(hasLastLabels({ flowLabels: ['flow1'] }))).toBe(false);
    expect(await holds(hasLastLabels({ labels: [['flow', 'node2']] }))).toBe(true);
    expect(await holds(hasLastLabels({ labels: [['flow', 'node1']] }))).toBe(false);
    expect(await holds(hasLastLabels({ labels: [['flow', 'node1']], lastNIndices: 2 }))).toBe(true);
    expect(await holds(hasLastLabels({ flowLabels: ['flow'] }), new Context())).toBe(false);
    expect(
      await holds(
        lastLabels([
          ['flow', 'node1'],
          ['flow', 'node2'],
        ]),
      ),
    ).toBe(true);
    expect(
      await holds(
        lastLabels([
          ['flow', 'node2'],
          ['flow', 'node1'],
        ]),
      ),
    ).toBe(false);
    expect(
      await holds(
        lastLabels([
          ['a', 'b'],
          ['flow', 'node1'],
          ['flow', 'node2'],
        ]),
      ),
    ).toBe(false);
  });
});

describe('Labels', () => {
  const at = (nodes: string[]) => {
    const context = new Context();
    for (const node of nodes) context.addLabel(['flow', node]);
    return async (label: LabelFunction) => label(context, actor);
  };

  test('lead from where the dialog is', async () => {
    const from = at(['node1', 'node2', 'node3', 'node2']);
    expect(await from(repeat(99))).toEqual(['flow', 'node2', 99]);
    expect(await from(previous(99))).toEqual(['flow', 'node3', 99]);
    expect(await from(toFallback(99))).toEqual(['service', 'fallback', 99]);
    expect(await from(toStart(99))).toEqual(['service', 'start', 99]);
    expect(await from(forward(99))).toEqual(['flow', 'node3', 99]);
    expect(await from(backward(99))).toEqual(['flow', 'node1', 99]);
  });

  test('go round at the ends of a flow, or to the fallback', async () => {
    const last = at(['node3']);
    expect(await last(forward(99))).toEqual(['flow', 'node1', 99]);
    expect(await last(forward(99, false))).toEqual(['service', 'fallback', 99]);
    const first = at(['node1']);
    expect(await first(backward(99))).toEqual(['flow', 'node3', 99]);
    expect(await first(backward(99, false))).toEqual(['service', 'fallback', 99]);
  });

  test('lead to the fallback from nowhere, with the priority of the actor', async () => {
    for (const label of [repeat(), previous()]) expect(await at([])(label)).toEqual(['service', 'fallback', 1]);
    for (const label of [forward(), backward()]) expect(await at([])(label)).toEqual(['service', 'start', 1]);
    expect(await at(['gone'])(forward())).toEqual(['service', 'fallback', 1]);
    expect(await at(['node1'])(previous())).toEqual(['service', 'fallback', 1]);
  });
});

describe('choice', () => {
  test('answers with each of its responses at some time, and with nothing else', () => {
    const response = choice(['a', 'b']);
    const given = new Set(Array.from({ length: 200 }, () => response(new Context(), actor)));
    expect([...given].sort()).toEqual(['a', 'b']);
    expect(() => choice([])).toThrow(ValidationError);
  });
});
