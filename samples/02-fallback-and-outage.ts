// A database behind Redis: reads and writes go on while Redis is away, and nothing old is served when it is back.
// It needs no server: the hot tier is in process, made faulty on purpose, and the database is a temporary SQLite file. DATABASE_URL names another, which ormconfig.ts connects.
import { Holdfast } from 'holdfast';
import { faultyHotStore, memoryHotStore } from 'holdfast/testing';
import { dataSource } from '../ormconfig.js';
import { Session } from './entities/session.js';

const { store: redis, faults } = faultyHotStore(memoryHotStore());
const holdfast = await Holdfast.open({
  entities: [Session],
  redis,
  fallbacks: { home: process.env.DATABASE_URL ? dataSource : 'sqlite:' },
  synchronize: true,
  repairInterval: '100ms',
  logger: false,
});
const sessions = holdfast.repository(Session);

await sessions.save({ id: 's1', user: 'ann', visits: 1 });
console.log('hot:', await sessions.find('s1'));
// => hot: Session { id: 's1', user: 'ann', visits: 1 }

faults.down();
console.log('Redis is away. Read from the database:', await sessions.find('s1'));
// => Redis is away. Read from the database: Session { id: 's1', user: 'ann', visits: 1 }
await sessions.increment('s1', 'visits');
console.log('Written without Redis:', await sessions.find('s1'), holdfast.health().state);
// => Written without Redis: Session { id: 's1', user: 'ann', visits: 2 } degraded

faults.up();
// What was written meanwhile is noted in the database. It is dropped from Redis before Redis is trusted again.
while (holdfast.health().state !== 'up') await new Promise((resolve) => setTimeout(resolve, 20));
console.log('Redis is back, with the value of before; served is:', await sessions.find('s1'));
// => Redis is back, with the value of before; served is: Session { id: 's1', user: 'ann', visits: 2 }

const { agreeing, differing } = await holdfast.verify(Session);
console.log('Compared with the database:', { agreeing, differing });
// => Compared with the database: { agreeing: 1, differing: 0 }
await holdfast.close();
