import { describe } from '@jest/globals';
import { raceCases } from './race-cases.js';
import { memorySubject } from './subject.js';

describe('In process,', () => raceCases(async () => memorySubject()));
