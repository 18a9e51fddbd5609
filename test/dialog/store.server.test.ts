import { afterAll } from '@jest/globals';
import { SERVERS, stopRedis } from './server-subjects.js';
import { storeCases } from './store-cases.js';
import { turnCases } from './turn-cases.js';

for (const subject of SERVERS) {
  storeCases(subject);
  turnCases(subject);
}

afterAll(stopRedis);
