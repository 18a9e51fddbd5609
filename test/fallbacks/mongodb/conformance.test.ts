import { holdToConformance } from './conformance-cases.js';

holdToConformance(true);
