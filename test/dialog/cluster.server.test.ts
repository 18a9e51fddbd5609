import { expect, test } from '@jest/globals';
import { Holdfast, ValidationError } from 'holdfast';
import { Context, contextEntities, contextStore } from 'holdfast/dialog';
import { startCluster } from '../support/redis-server.js';

test('Contexts are refused at the start where Redis Cluster would be all that keeps them, and kept where it stands in front of a database', async () => {
  const cluster = await startCluster();
  const redis = { cluster: [...cluster.nodes] };
  try {
    const [node] = cluster.nodes;
    await expect(contextStore(`redis://${node!.host}:${node!.port}`, { logger: false })).rejects.toThrow(
      /is a node of a cluster/,
    );
    const alone = await Holdfast.open({ entities: contextEntities(), redis, logger: false });
    const opening = contextStore(alone);
    await expect(opening).rejects.toThrow(ValidationError);
    await expect(opening).rejects.toThrow(/as Redis Cluster alone .* cannot\. Give the entities a database/);
    await alone.close();
    const front = await Holdfast.open({
      entities: contextEntities({ fallback: 'home' }),
      redis,
      fallbacks: { home: 'sqlite::memory:' },
      logger: false,
    });
    const db = await contextStore(front);
    await db.set('ann', new Context({ id: 'ann', requests: { 0: 'Hi' } }));
    await db.turn('ann', (context) => void context.addRequest('again'));
    expect((await db.get('ann'))!.requests).toEqual({ 0: 'Hi', 1: 'again' });
    expect([await db.size(), await db.delete('ann'), await db.size()]).toEqual([1, true, 0]);
    await front.close();
  } finally {
    await cluster.stop();
  }
}, 60_000);
