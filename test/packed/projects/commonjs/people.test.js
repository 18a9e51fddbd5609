const { EntityNotFoundError, Holdfast } = require('holdfast');
const { fakeClock } = require('holdfast/testing');
const { UserValues } = require('holdfast/values');
const { Person } = require('./people.js');

let holdfast;
let people;
beforeEach(async () => {
  holdfast = await Holdfast.open({ entities: [Person] });
  people = holdfast.repository(Person);
});
afterEach(() => holdfast.close());

test('finds what was saved', async () => {
  await people.save(people.create({ id: 'john_doe', name: 'John Doe', age: 33 }));
  expect(await people.find('john_doe')).toEqual({ id: 'john_doe', name: 'John Doe', age: 33 });
});

test('throws the errors that the package exports', async () => {
  await expect(people.findOrFail('nobody')).rejects.toBeInstanceOf(EntityNotFoundError);
});

test('has the stores and the clock for tests', () => {
  expect(typeof fakeClock).toBe('function');
});

test('keeps values of users, whatever they are', async () => {
  const values = await UserValues.open();
  const value = new Map([['at', [new Date(0), 1n, undefined]]]);
  await values.store(123, 'rich', value);
  expect(await values.get(123, 'rich')).toEqual(value);
  await values.close();
});
