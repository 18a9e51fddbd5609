/** One way of doing a thing. */
export interface Variant {
  readonly name: string;
  /** Does it once; `n` counts the calls of a measurement, from 0. */
  run(n: number): unknown;
  /** How fast the first variant is to be against this one, at least. */
  readonly aim?: number;
}

/** Several ways of doing one thing, the first of them ours. */
export interface Comparison {
  readonly title: string;
  /** How many calls are under way at once. */
  readonly concurrency: number;
  readonly variants: readonly Variant[];
  /** Calls between two looks at the clock; 1 where left out. */
  readonly burst?: number;
  /** Most calls in one measurement; no limit where left out. */
  readonly limit?: number;
  /** Puts the stores in order before each measurement, outside its time. */
  prepare?(): Promise<void>;
  /** What each variant's call returns for `n`; left out where that says nothing. */
  expected?(n: number): object | readonly object[];
}

export interface MeasureOptions {
  readonly rounds: number;
  /** How long one measurement of one variant takes, in milliseconds. */
  readonly time: number;
  /** Ends it before the next measurement. */
  readonly signal: AbortSignal;
}

/** One variant's result. */
export interface Measured {
  readonly name: string;
  /** Calls per second, median of all rounds. */
  readonly rate: number;
  /** Microseconds of processor time that this process spent on a call, median of all rounds. */
  readonly cpu: number;
  /** The first variant's rate divided by this one's, median of all rounds. */
  readonly ratio: number;
  readonly aim: number | undefined;
}

/** Runs the variants in turn, in rounds, each round in another order; the first round warms up and is not counted. */
export async function measure(comparison: Comparison, { rounds, time, signal }: MeasureOptions): Promise<Measured[]> {
  const { variants } = comparison;
  const rates = variants.map((): number[] => []);
  const cpus = variants.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (let at = 0; at < variants.length; at++) {
      const index = (at + round) % variants.length;
      signal.throwIfAborted();
      await comparison.prepare?.();
      const { rate, cpu } = await once(comparison, variants[index]!, time);
      if (round === 0) continue;
      rates[index]!.push(rate);
      cpus[index]!.push(cpu);
    }
  }
  return variants.map(({ name, aim }, index) => ({
    name,
    rate: median(rates[index]!),
    cpu: median(cpus[index]!),
    ratio: median(rates[index]!.map((rate, round) => rates[0]![round]! / rate)),
    aim,
  }));
}

async function once(comparison: Comparison, variant: Variant, time: number): Promise<{ rate: number; cpu: number }> {
  const { concurrency, burst = 1, limit = Number.POSITIVE_INFINITY } = comparison;
  let n = 0;
  const before = process.cpuUsage();
  const start = performance.now();
  const end = start + time;
  const worker = async () => {
    while (n < limit && performance.now() < end)
      for (let times = Math.min(burst, limit - n); times > 0; times--) {
        const result = variant.run(n++);
        // What answers at once is not waited for: its user would not either.
        if (result instanceof Promise) await result;
      }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { rate: n / seconds, cpu: (user + system) / n };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
