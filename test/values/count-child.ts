// Run by processes.test.ts: counts a value in the SQLite file FILE up, TIMES times, and stores keys of its own beside it.
import { UserValues } from 'holdfast/values';

const [location = '', times = '', name = ''] = process.argv.slice(2);
const values = await UserValues.open({ location });
console.log('open');
for (let count = 0; count < Number(times); count++) {
  await values.update('all', 'count', (n = 0) => n + 1);
  if (count % 100 === 0) await values.store('all', `${name}-${count}`, count);
}
await values.close();
