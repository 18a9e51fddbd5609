import { expect, test } from '@jest/globals';
import { Entity, Fallback, Field, Holdfast, Key, RedisHash, ValidationError } from 'holdfast';
import { Context, contextEntities, contextStore } from 'holdfast/dialog';

@Entity()
@RedisHash()
@Fallback('home')
class Person {
  @Key() id!: string;
  @Field() name!: string;
}

test('a store lies in a holdfast that is open, beside other entities, and leaves it open', async () => {
  const holdfast = await Holdfast.open({
    entities: [
      Person,
      ...contextEntities({ fallback: 'home' }),
      ...contextEntities({ fallback: 'home', table: 'others' }),
    ],
    fallbacks: { home: 'sqlite::memory:' },
    logger: false,
  });
  await holdfast.repository(Person).save({ id: 'ann', name: 'Ann' });
  const db = await contextStore(holdfast);
  const others = await contextStore(holdfast, { table: 'others' });
  await db.turn('ann', (context) => void context.addRequest('Hi'));
  expect([await db.size(), await others.size()]).toEqual([1, 0]);
  await db.clear();
  await db.close();
  expect((await holdfast.repository(Person).find('ann'))?.name).toBe('Ann');
  await others.set('ann', new Context({ id: 'ann' }));
  expect(await others.size()).toBe(1);
  await expect(contextStore(holdfast, { name: 'none' })).rejects.toThrow(
    /without the entities of none_contexts \(it has those of contexts, others\)/,
  );
  await expect(contextStore(holdfast, { redis: false })).rejects.toThrow(ValidationError);
  await holdfast.close();
  const bare = await Holdfast.open({ entities: [Context] });
  await expect(contextStore(bare)).rejects.toThrow(/contextEntities/);
  await bare.close();
});
