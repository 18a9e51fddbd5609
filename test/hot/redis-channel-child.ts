// Listens to changes; at a signal closes what it opened, and has then nothing to stay alive for.
import { systemClock } from '../../src/core/clock.js';
import { openRedisTier } from '../../src/open-redis-tier.js';
import { person } from './redis-channel-schemas.js';

async function main(url: string): Promise<void> {
  const tier = await openRedisTier(url, 'test');
  const invalidation = await tier.listen!({ schemas: [person], clock: systemClock, changed() {}, doubt() {} });
  process.once('SIGUSR2', () => {
    void invalidation
      .close()
      .then(() => tier.close())
      .then(() => console.log('closed'));
  });
  console.log('listening');
}

void main(process.argv[2]!);
