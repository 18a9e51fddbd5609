import { storeCases } from './store-cases.js';
import { SERVERLESS } from './store-subject.js';
import { turnCases } from './turn-cases.js';

for (const subject of SERVERLESS) {
  storeCases(subject);
  turnCases(subject);
}
