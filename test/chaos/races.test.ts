import { describe } from '@jest/globals';
import { memorySubject } from './memory-subject.js';
import { raceCases } from './race-cases.js';
import { locksWithinRepair } from './subject.js';

describe('In process, where locks last no longer than the repair interval,', () =>
  raceCases(() => memorySubject({ options: locksWithinRepair }), 'none'));
