import { describe } from '@jest/globals';
import { memorySubject } from './memory-subject.js';
import { raceCases } from './race-cases.js';

describe('In process,', () => raceCases(() => memorySubject()));
