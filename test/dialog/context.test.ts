import { readFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { Holdfast, ValidationError } from 'holdfast';
import { Context } from 'holdfast/dialog';

const fixtures = new URL('./fixtures/', import.meta.url);
const written = JSON.parse(readFileSync(new URL('contexts.json', fixtures), 'utf8')) as Record<string, object>;

describe('A context', () => {
  test.each(Object.keys(written))('of user %s that the Python engine wrote is written as it was read', (user) => {
    const context = Context.cast(written[user] as never);
    expect(JSON.parse(JSON.stringify(context))).toEqual(written[user]);
    const again = Context.cast(JSON.stringify(context));
    expect(again.toJSON()).toEqual(context.toJSON());
    expect(Object.keys(context.toJSON())).toEqual(Object.keys(written[user]!));
  });

  test('has a random UUID where no id was given', () => {
    const [one, other] = [new Context(), new Context()];
    expect(one.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(one.id).not.toBe(other.id);
  });

  test('numbers its turns, also after gaps and in whatever order they were given', () => {
    const context = new Context({ requests: { 8: 'b', 2: 'a' } as never });
    context.addRequest('c');
    expect(Object.keys(context.requests)).toEqual(['2', '8', '9']);
    expect(context.lastRequest).toBe('c');
    context.addLabel(['flow', 'node']);
    context.addResponse(undefined);
    expect([context.lastLabel, context.lastResponse]).toEqual([['flow', 'node'], null]);
    expect(new Context().lastLabel).toBeUndefined();
  });

  test('keeps the last turns when it is cleared, and none with 0', () => {
    const context = new Context();
    for (let turn = 0; turn < 30; turn += 2) {
      context.addRequest(String(turn));
      context.addLabel([String(turn), String(turn + 1)]);
      context.addResponse(String(turn + 1));
    }
    context.misc.old = true;
    context.frameworkStates.addon = { counter: 1 };
    context.clear(5, ['requests', 'responses', 'misc', 'labels', 'framework_states']);
    context.addRequest('1000');
    expect(context.requests).toEqual({ 10: '20', 11: '22', 12: '24', 13: '26', 14: '28', 15: '1000' });
    expect([context.misc, context.frameworkStates]).toEqual([{}, {}]);
    context.clear(0, ['requests']);
    expect(context.requests).toEqual({});
    expect(Object.keys(context.labels)).toEqual(['10', '11', '12', '13', '14']);
    context.clear(0);
    expect([context.labels, context.responses]).toEqual([{}, {}]);
  });

  test('is not cleared by what makes no sense', () => {
    const context = new Context({ requests: { 0: 'Hi' } });
    for (const keep of [-1, 1.5, Number.NaN]) expect(() => context.clear(keep)).toThrow(ValidationError);
    expect(() => context.clear(1, ['request' as never])).toThrow(/"request", which a context cannot/);
    expect(context.requests).toEqual({ 0: 'Hi' });
  });

  test('is cast from itself, from data, from JSON, and from nothing', () => {
    const context = new Context({ id: 1 });
    expect(Context.cast(context)).toBe(context);
    expect(Context.cast({ id: 'a', frameworkStates: { x: { y: 1 } } }).frameworkStates).toEqual({ x: { y: 1 } });
    expect(Context.cast({ id: 'a', framework_states: { x: { y: 1 } } }).frameworkStates).toEqual({ x: { y: 1 } });
    expect(Context.cast('{"id": 5, "unknown": true}').id).toBe(5);
    for (const nothing of [undefined, null, '', {}]) expect(Context.cast(nothing).requests).toEqual({});
    for (const wrong of [
      123,
      true,
      [],
      '[]',
      '5',
      '{"id"',
      { labels: [] },
      { labels: { 0: ['a'] } },
      { labels: { x: ['a', 'b'] } },
    ])
      expect(() => Context.cast(wrong as never)).toThrow(ValidationError);
    expect(() => Context.cast({ validation: 'yes' } as never)).toThrow(ValidationError);
    expect(() => Context.cast({ framework_states: { a: 1 } } as never)).toThrow(/frameworkStates\.a of a context/);
  });

  test('shares nothing with the data that it was cast from', () => {
    const data = { id: 'a', requests: { 0: 'Hi' }, misc: { a: 1 } };
    const context = Context.cast(data);
    context.addRequest('there');
    context.misc.b = 2;
    expect(data).toEqual({ id: 'a', requests: { 0: 'Hi' }, misc: { a: 1 } });
  });

  test('keeps an id exactly, also one that is no safe integer', () => {
    const text = '{"id": 9223372036854775807, "misc": {"id": 12345678901234567890, "s": "\\"id\\": 1}"}}';
    expect(Context.cast(text).id).toBe(9223372036854775807n);
    expect(Context.cast(text).toJSON().id).toBe('9223372036854775807');
    expect(Context.cast('{"misc": {}, "id" : -9007199254740993 }').id).toBe(-9007199254740993n);
    expect(new Context({ id: 5n }).toJSON().id).toBe(5);
    for (const wrong of [1.5, 2 ** 60, Number.NaN, {}, null])
      expect(() => new Context({ id: wrong as never })).toThrow(ValidationError);
  });

  test('keeps the names that JavaScript gives a meaning to', () => {
    const context = Context.cast('{"id": 1, "misc": {"__proto__": {"a": 1}, "constructor": 2, "toString": 3}}');
    expect(JSON.stringify(context.toJSON().misc)).toBe('{"__proto__":{"a":1},"constructor":2,"toString":3}');
    expect(({} as { a?: unknown }).a).toBeUndefined();
  });

  test('is an entity, found by its id as text', async () => {
    const holdfast = await Holdfast.open({ entities: [Context] });
    const contexts = holdfast.repository(Context);
    const context = Context.cast(written['42'] as never);
    await contexts.save(context);
    const found = await contexts.findOrFail('42');
    expect(found).toBeInstanceOf(Context);
    expect(found.toJSON()).toEqual(written['42']);
    await contexts.save(new Context({ id: 2n ** 63n - 1n }));
    expect((await contexts.findOrFail('9223372036854775807')).id).toBe(2n ** 63n - 1n);
    await holdfast.close();
  });

  test('has no current node outside of a turn, and cannot overwrite it', () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => {});
    const context = new Context();
    expect(context.currentNode).toBeUndefined();
    context.overwriteCurrentNodeInProcessing({
      transitions: [],
      response: 'x',
      misc: {},
      preTransitionsProcessing: {},
      preResponseProcessing: {},
    });
    expect(context.currentNode).toBeUndefined();
    expect(context.frameworkStates).toEqual({});
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });
});
