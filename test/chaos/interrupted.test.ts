import { describe } from '@jest/globals';
import { interruptedCases } from './interrupted-cases.js';
import { memorySubject } from './subject.js';

describe('In process,', () => interruptedCases(async () => memorySubject()));
