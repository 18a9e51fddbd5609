import { describe } from '@jest/globals';
import { interruptedCases } from './interrupted-cases.js';
import { memorySubject } from './memory-subject.js';

describe('In process,', () => interruptedCases(() => memorySubject()));
