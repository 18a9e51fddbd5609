import type { MetadataFault } from '../core/errors.js';

/** The faults found so far. Nothing is thrown before all are known. */
export class FaultList {
  readonly found: MetadataFault[] = [];

  /** `fact` and `remedy` are sentences; the subject is put before the fact. */
  add(subject: string, fact: string, remedy: string): void {
    const known = this.found.some((f) => f.subject === subject && f.fact === fact);
    if (!known) this.found.push({ subject, fact, remedy });
  }
}
