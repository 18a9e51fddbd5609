/** What the processes of the outage read and write. */
export const KEYS: readonly string[] = Array.from({ length: 40 }, (_, at) => `key${at}`);

/** One read or write of one process. Times are of one clock for all processes, in milliseconds. */
export interface Operation {
  readonly process: string;
  readonly type: 'read' | 'write';
  readonly id: string;
  readonly began: number;
  readonly ended: number;
  /** What was read, or what the write made of it: one more than before. */
  readonly n?: number;
  /** What it failed with. */
  readonly error?: string;
}

/** A read that gave less than what had been acknowledged before it began. */
export interface Stale {
  readonly read: Operation;
  /** The first write that it missed. */
  readonly missed: Operation;
}

/** All reads that gave less than what had been acknowledged before they began. */
export function staleReads(log: readonly Operation[]): Stale[] {
  const stale: Stale[] = [];
  for (const id of KEYS) {
    const of = (type: Operation['type']) =>
      log.filter((one) => one.type === type && one.id === id && one.n !== undefined);
    const writes = of('write').sort((a, b) => a.ended - b.ended);
    const reads = of('read').sort((a, b) => a.began - b.began);
    let at = 0;
    const acknowledged: Operation[] = [];
    let highest = 0;
    for (const read of reads) {
      for (; at < writes.length && writes[at]!.ended < read.began; at++) {
        acknowledged.push(writes[at]!);
        highest = Math.max(highest, writes[at]!.n!);
      }
      if (read.n! >= highest) continue;
      const missed = acknowledged.find(({ n }) => n! > read.n!)!;
      stale.push({ read, missed });
    }
  }
  return stale;
}
