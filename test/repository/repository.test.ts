import { describe, expect, test } from '@jest/globals';
import {
  ClosedError,
  EntityExistsError,
  EntityNotFoundError,
  ValidationError,
  VersionConflictError,
} from '../../src/index.js';
import { Account, Person } from './entities.js';
import { openFaulty } from './open.js';

describe('saving and finding', () => {
  test('a save of two entities stores both', async () => {
    const { people } = await openFaulty();
    await people.save([
      { id: 'a', name: 'Ann' },
      { id: 'b', name: 'Bob' },
    ]);
    expect(await people.findMany(['b', 'a', 'c'])).toMatchObject([{ name: 'Bob' }, { name: 'Ann' }, undefined]);
    expect(await people.count()).toBe(2);
  });

  test('a save gives back what it was given, with an entity found being a new object of its class each time', async () => {
    const { people } = await openFaulty();
    const ann = people.create({ id: 'a', name: 'Ann', tags: ['x'] });
    expect(await people.save(ann)).toBe(ann);
    const first = await people.find('a');
    expect(first).toBeInstanceOf(Person);
    first!.tags!.push('y');
    first!.name = 'changed';
    expect(await people.find('a')).toEqual(ann);
  });

  test('null, absent and the empty string stay three things', async () => {
    const { people } = await openFaulty();
    await people.save([
      { id: 'null', name: '', email: null },
      { id: 'absent', name: '' },
      { id: 'empty', name: '', email: '' },
    ]);
    for (const from of [undefined, 'durable'] as const) {
      const options = from ? { from } : {};
      expect((await people.find('null', options))!.email).toBe(null);
      expect((await people.find('absent', options))!.email).toBe(undefined);
      expect((await people.find('empty', options))!.email).toBe('');
    }
  });

  test('a whole save leaves nothing of the entity before it', async () => {
    const { people } = await openFaulty();
    await people.save({ id: 'a', name: 'Ann', age: 3, email: 'x' });
    await people.save({ id: 'a', name: 'Ann' });
    expect(await people.find('a')).toEqual(people.create({ id: 'a', name: 'Ann' }));
    expect(await people.find('a', { from: 'durable' })).toEqual(people.create({ id: 'a', name: 'Ann' }));
  });

  test('an insert of what exists is refused, and changes nothing', async () => {
    const { people } = await openFaulty();
    await people.insert({ id: 'a', name: 'Ann' });
    await expect(people.insert({ id: 'a', name: 'Other' })).rejects.toThrow(EntityExistsError);
    expect((await people.find('a'))!.name).toBe('Ann');
    await expect(
      people.insert([
        { id: 'b', name: 'Bob' },
        { id: 'a', name: 'Other' },
      ]),
    ).rejects.toThrow(EntityExistsError);
    expect(await people.exists('b')).toBe(false);
  });

  test('findOrFail names class and key', async () => {
    const { people } = await openFaulty();
    await expect(people.findOrFail('nobody')).rejects.toThrow('Person "nobody" does not exist.');
  });

  test('a delete says whether there was something, and how many', async () => {
    const { people } = await openFaulty();
    await people.save([
      { id: 'a', name: 'Ann' },
      { id: 'b', name: 'Bob' },
    ]);
    expect(await people.delete('a')).toBe(true);
    expect(await people.delete('a')).toBe(false);
    expect(await people.delete(['a', 'b', 'c'])).toBe(1);
    expect(await people.find('b')).toBe(undefined);
  });

  test('a stream gives those that exist, in the order of the keys, or all', async () => {
    const { people } = await openFaulty();
    await people.save(
      Array.from({ length: 1200 }, (_, i) => ({ id: `p${String(i).padStart(4, '0')}`, name: String(i) })),
    );
    const some: string[] = [];
    for await (const one of people.stream(['p0003', 'none', 'p0001'])) some.push(one.id);
    expect(some).toEqual(['p0003', 'p0001']);
    let all = 0;
    for await (const one of people.stream()) {
      expect(one.id).toBe(`p${String(all).padStart(4, '0')}`);
      all++;
    }
    expect(all).toBe(1200);
  });
});

describe('keys', () => {
  const keys = [
    'a:b',
    'not-found:x',
    '*',
    '',
    '?',
    '[a]',
    '{x}',
    '}',
    '%',
    '%25',
    'ü',
    'u\u0308',
    '💥',
    ' a',
    'a ',
    '../..',
    'x'.repeat(10_000),
    '__proto__',
    'constructor',
  ];

  test('are exact, whatever they contain', async () => {
    const { people } = await openFaulty();
    for (const id of keys) await people.save({ id, name: `name of ${id.slice(0, 20)}` });
    expect(await people.count()).toBe(keys.length);
    const found = await people.findMany(keys);
    expect(found.map((one) => one!.id)).toEqual(keys);
    for (const id of keys) expect(await people.find(id, { from: 'durable' })).toMatchObject({ id });
    expect(await people.delete('*')).toBe(true);
    expect(await people.count()).toBe(keys.length - 1);
  });

  test('that cannot be right are refused before anything is asked', async () => {
    const { people, durable } = await openFaulty();
    for (const bad of [undefined, null, 1, Symbol.iterator, {}, { id: 1 }, { id: 'a', other: 1 }, [], 'lone \ud800'])
      await expect(people.find(bad as never)).rejects.toThrow(ValidationError);
    expect(durable.calls.read).toBe(0);
    await expect(people.save({ name: 'no key' } as never)).rejects.toThrow(ValidationError);
    expect(durable.calls.write).toBe(0);
  });
});

describe('versions', () => {
  test('count every save, and refuse one of an older entity', async () => {
    const { accounts } = await openFaulty();
    const account = await accounts.save(accounts.create({ id: 'a', balance: 1 }));
    expect(account.version).toBe(1);
    const stale = await accounts.find('a');
    account.balance = 2;
    await accounts.save(account);
    expect(account.version).toBe(2);
    await expect(accounts.save(stale!)).rejects.toThrow(VersionConflictError);
    expect(stale!.version).toBe(1);
    expect(await accounts.find('a')).toMatchObject({ balance: 2, version: 2 });
  });

  test('refuse to save over what exists as if it were new', async () => {
    const { accounts } = await openFaulty();
    await accounts.save({ id: 'a', balance: 1 });
    await expect(accounts.save({ id: 'a', balance: 2 })).rejects.toThrow(VersionConflictError);
    await expect(accounts.insert({ id: 'a', balance: 2 })).rejects.toThrow(EntityExistsError);
  });

  test('are counted by patches, functions and increments, which may name one', async () => {
    const { accounts } = await openFaulty();
    await accounts.save({ id: 'a', balance: 1 });
    expect(await accounts.update('a', { balance: 2 })).toMatchObject({ balance: 2, version: 2 });
    expect(
      await accounts.update('a', (a) => {
        a.balance++;
      }),
    ).toMatchObject({ balance: 3, version: 3 });
    expect(await accounts.increment('a', 'balance', 4)).toBe(7);
    expect(await accounts.find('a')).toMatchObject({ balance: 7, version: 4 });
    await expect(accounts.update('a', { balance: 0, version: 1 })).rejects.toThrow(VersionConflictError);
    expect(await accounts.update('a', { balance: 0, version: 4 })).toMatchObject({ balance: 0, version: 5 });
  });

  test('100 functions at once are each applied once', async () => {
    const { accounts } = await openFaulty();
    await accounts.save({ id: 'a', balance: 0 });
    await Promise.all(
      Array.from({ length: 100 }, () =>
        accounts.update('a', (a) => {
          a.balance++;
        }),
      ),
    );
    expect(await accounts.find('a')).toMatchObject({ balance: 100, version: 101 });
  });
});

describe('updates', () => {
  test('leave what is undefined and clear what is null', async () => {
    const { people } = await openFaulty();
    await people.save({ id: 'a', name: 'Ann', age: 3, email: 'x' });
    expect(await people.update('a', { age: undefined, email: null })).toEqual(
      people.create({ id: 'a', name: 'Ann', age: 3, email: null }),
    );
    expect(await people.find('a')).toMatchObject({ age: 3, email: null });
  });

  test('of what does not exist fail, and make nothing', async () => {
    const { people } = await openFaulty();
    await expect(people.update('nobody', { name: 'x' })).rejects.toThrow(EntityNotFoundError);
    await expect(people.increment('nobody', 'age')).rejects.toThrow(EntityNotFoundError);
    expect(await people.exists('nobody')).toBe(false);
  });

  test('refuse another key, unknown properties, promises and wrong types, and change nothing', async () => {
    const { people } = await openFaulty();
    await people.save({ id: 'a', name: 'Ann', age: 3 });
    const bad: unknown[] = [
      { id: 'b' },
      { nope: 1 },
      JSON.parse('{"__proto__": {"polluted": true}}'),
      { age: 'x' },
      { age: Number.NaN },
      { name: null },
      null,
      1,
      async () => {},
      (person: Person) => {
        person.id = 'b';
      },
      (person: Person) => {
        person.age = 0.5;
      },
    ];
    for (const change of bad) await expect(people.update('a', change as never)).rejects.toThrow(ValidationError);
    await expect(
      people.update('a', () => {
        throw new RangeError('mine');
      }),
    ).rejects.toThrow(RangeError);
    expect(await people.find('a', { from: 'durable' })).toEqual(people.create({ id: 'a', name: 'Ann', age: 3 }));
    expect(({} as { polluted?: boolean }).polluted).toBe(undefined);
  });

  test('an increment of an absent field counts from 0, and one that cannot be right is refused', async () => {
    const { people } = await openFaulty();
    await people.save({ id: 'a', name: 'Ann' });
    expect(await people.increment('a', 'age')).toBe(1);
    expect(await people.increment('a', 'age', -3)).toBe(-2);
    for (const by of [0.5, Number.NaN, Infinity, '1'])
      await expect(people.increment('a', 'age', by as never)).rejects.toThrow(ValidationError);
    await expect(people.increment('a', 'name' as never)).rejects.toThrow(ValidationError);
    await expect(people.increment('a', 'nope' as never)).rejects.toThrow(ValidationError);
    await people.update('a', { age: Number.MAX_SAFE_INTEGER });
    await expect(people.increment('a', 'age')).rejects.toThrow(ValidationError);
    expect((await people.find('a'))!.age).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('save options', () => {
  test('hot: never leaves nothing hot, ifPresent only what was', async () => {
    const { people, durable } = await openFaulty();
    await people.save({ id: 'a', name: '1' }, { hot: 'never' });
    expect(await people.find('a')).toMatchObject({ name: '1' });
    expect(durable.calls.read).toBe(1);
    await people.save({ id: 'a', name: '2' }, { hot: 'ifPresent' });
    expect(await people.find('a')).toMatchObject({ name: '2' });
    expect(durable.calls.read).toBe(1);
    await people.save({ id: 'a', name: '3' }, { hot: 'never' });
    await people.save({ id: 'a', name: '4' }, { hot: 'ifPresent' });
    expect(await people.find('a')).toMatchObject({ name: '4' });
    expect(durable.calls.read).toBe(2);
    await expect(people.save({ id: 'a', name: '5' }, { hot: 'often' as never })).rejects.toThrow(ValidationError);
  });

  test('fallbackTtl ends the durable entry, and the hot and cached ones with it', async () => {
    const { visitors, clock } = await openFaulty();
    await visitors.save({ id: 'v', name: 'Vera' }, { fallbackTtl: '2s' });
    expect(await visitors.find('v')).toMatchObject({ name: 'Vera' });
    await clock.advance(2001);
    expect(await visitors.find('v', { from: 'durable' })).toBe(undefined);
    await clock.advance(5000);
    expect(await visitors.find('v')).toBe(undefined);
    for (const ttl of [0, -1, Number.NaN, '2 s', '1y'])
      await expect(visitors.save({ id: 'v', name: 'x' }, { fallbackTtl: ttl as never })).rejects.toThrow(
        ValidationError,
      );
  });
});

describe('batches', () => {
  test('write several classes, all or none', async () => {
    const { holdfast, people, accounts } = await openFaulty();
    await accounts.save({ id: 'a', balance: 1 });
    await holdfast.batch((b) => {
      b.repository(Person).save({ id: 'p', name: 'P' });
      b.repository(Account).increment('a', 'balance', 5);
    });
    expect(await people.find('p')).toMatchObject({ name: 'P' });
    expect(await accounts.find('a')).toMatchObject({ balance: 6 });
    await expect(
      holdfast.batch((b) => {
        b.repository(Person).delete('p');
        b.repository(Account).insert({ id: 'a', balance: 0 });
      }),
    ).rejects.toThrow(EntityExistsError);
    expect(await people.find('p')).toMatchObject({ name: 'P' });
    expect(await people.find('p', { from: 'durable' })).toMatchObject({ name: 'P' });
  });

  test('record nothing when their function throws, or a call is wrong', async () => {
    const { holdfast, people, durable } = await openFaulty();
    await expect(
      holdfast.batch((b) => {
        b.repository(Person).save({ id: 'p', name: 'P' });
        b.repository(Person).save({ id: 1 } as never);
      }),
    ).rejects.toThrow(ValidationError);
    await expect(
      holdfast.batch(() => {
        throw new RangeError('mine');
      }),
    ).rejects.toThrow(RangeError);
    expect(durable.calls.write).toBe(0);
    expect(await people.find('p')).toBe(undefined);
  });
});

describe('a closed holdfast', () => {
  test('lets what is under way finish, and refuses every later call', async () => {
    const { holdfast, people, durable } = await openFaulty();
    const gate = durable.gate('write', 'before');
    const saving = people.save({ id: 'a', name: 'Ann' });
    await gate.reached;
    const closing = holdfast.close();
    gate.open();
    await saving;
    await closing;
    for (const call of [
      people.find('a'),
      people.findMany(['a']),
      people.save({ id: 'a', name: 'x' }),
      people.delete('a'),
      people.exists('a'),
      people.count(),
      people.increment('a', 'age'),
      people.update('a', {}),
      people.refresh('a'),
      people.evict('a'),
      holdfast.batch(() => {}),
    ])
      await expect(call).rejects.toThrow(ClosedError);
    await holdfast.close();
  });
});
