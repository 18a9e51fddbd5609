// A class that the CommonJS build declared, opened by the ESM build, and the other way round.
import { createRequire } from 'node:module';
import * as esm from 'holdfast';
import { UserValues, userValueEntities } from 'holdfast/values';

const cjs = createRequire(import.meta.url)('holdfast');
if (cjs.Holdfast === esm.Holdfast) throw new Error('there is only one build');

async function roundTrip(declaring, opening) {
  class Person {}
  declaring.RedisHash()(Person);
  declaring.Entity('person')(Person);
  declaring.Key({ type: 'string' })(Person.prototype, 'id');
  declaring.Field({ type: 'string' })(Person.prototype, 'name');
  const holdfast = await opening.Holdfast.open({ entities: [Person] });
  const people = holdfast.repository(Person);
  await people.save({ id: 'ann', name: 'Ann' });
  const found = await people.find('ann');
  await holdfast.close();
  return found instanceof Person && found.name;
}

/** Values of one build in a holdfast of the other. */
async function storedIn(opening) {
  const holdfast = await opening.Holdfast.open({ entities: userValueEntities() });
  const values = await UserValues.open({ location: holdfast });
  await values.store(1, 'animal', 'monkey');
  await values.update(1, 'animal', (animal) => `${animal}s`);
  const stored = `${await values.keys(1)} ${await values.get(1, 'animal')}`;
  await holdfast.close();
  return stored;
}

console.log(await roundTrip(cjs, esm), await roundTrip(esm, cjs), await storedIn(cjs));
