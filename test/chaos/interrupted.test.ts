import { describe } from '@jest/globals';
import { interruptedCases } from './interrupted-cases.js';
import { killedCases } from './killed-cases.js';
import { memorySubject } from './memory-subject.js';
import { locksWithinRepair } from './subject.js';

describe('In process,', () => interruptedCases(() => memorySubject()));
describe('In process, where locks last no longer than the repair interval,', () =>
  killedCases(() => memorySubject({ options: locksWithinRepair }), 'none'));
