// A class that the CommonJS build declared, opened by the ESM build, and the other way round.
import { createRequire } from 'node:module';
import * as esm from 'holdfast';

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

console.log(await roundTrip(cjs, esm), await roundTrip(esm, cjs));
