// Run by processes.test.ts: stores COUNT values of SIZE characters in LOCATION, a hundred at once, and says on standard output which were acknowledged.
import { UserValues } from 'holdfast/values';

const [location = '', count = '', size = '10'] = process.argv.slice(2);
const values = await UserValues.open({ location: location === 'null' ? null : location });
console.log('open');
let next = 0;
const worker = async () => {
  for (let n = next++; n < Number(count); n = next++) {
    await values.store(n % 100, `key-${n}`, { n, text: 'x'.repeat(Number(size)) });
    console.log(`stored ${n}`);
  }
};
await Promise.all(Array.from({ length: 100 }, worker));
console.log('done');
// It is killed.
setInterval(() => {}, 1000);
