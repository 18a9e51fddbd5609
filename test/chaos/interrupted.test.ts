import { describe } from '@jest/globals';
import { interruptedCases } from './interrupted-cases.js';
import { killedCases } from './killed-cases.js';
import { memorySubject } from './memory-subject.js';
import { locksWithinRepair, patient } from './subject.js';

// A process renews its locks the less often, the longer the interval is: who stands still renews them all in the end.
const options = { ...patient, repairInterval: 5000 };

describe('In process,', () => interruptedCases(() => memorySubject({ options })));
describe('In process, where locks last no longer than the repair interval,', () =>
  killedCases(() => memorySubject({ options: locksWithinRepair }), 'none'));
