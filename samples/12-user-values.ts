// Any value per user and key, without a server: in memory here; a path keeps them in a file, and a URL in Redis or a database.
import { UserValues } from 'holdfast/values';

const values = await UserValues.open({ location: ':memory:' });

// A user and a key are numbers or strings.
await values.store(123, 'account_id', 46887);
await values.store(123, 'favorite_animal', 'monkey');
console.log(await values.keys(123));
// => [ 'account_id', 'favorite_animal' ]

await values.store(456, 'account_id', 46887);
await values.store(456, 'favorite_animal', 'monkey');
console.log(await values.keys(456));
// => [ 'account_id', 'favorite_animal' ]

console.log(await values.get(123, 'favorite_animal'));
// => monkey
await values.delete(123, 'favorite_animal');
console.log(await values.keys(123), await values.get(123, 'favorite_animal'));
// => [ 'account_id' ] undefined
await values.deleteAll(456);
console.log(await values.keys(456));
// => []

// Values are whatever can be cloned, and change atomically.
await values.store(123, 'cart', new Map([['apples', { count: 2n, added: new Date(0) }]]));
console.log(await values.get(123, 'cart'));
// => Map(1) { 'apples' => { count: 2n, added: 1970-01-01T00:00:00.000Z } }
console.log(await values.update(123, 'visits', (n = 0) => n + 1), await values.update(123, 'visits', (n = 0) => n + 1));
// => 1 2

// Kept for an hour; the calls of one user without his id.
const mine = values.forUser(123, { ttl: '1h' });
await mine.store('token', 'abc');
console.log(await mine.keys(), await mine.getMany(['visits', 'token']));
// => [ 'account_id', 'cart', 'visits', 'token' ] [ 2, 'abc' ]
await values.close();
