/** Every kind of Redis that a test can start, break and stop. */
export { type RedisCluster, startCluster } from './redis-cluster.js';
export { type RedisOptions, type RedisServer, startRedis } from './redis-process.js';
export { type RedisSentinel, startSentinel } from './redis-sentinel.js';
