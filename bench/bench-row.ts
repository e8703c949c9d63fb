/** One measured number, beside its peer of the same run and the physical limit. */
export interface BenchRow {
  /** What was measured, in words. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The same work done by something else in the same run. */
  readonly peer?: { readonly name: string; readonly value: number };
  /** What the machine itself allows, measured in the same run. */
  readonly limit?: { readonly name: string; readonly value: number };
  /** The goal, in words; absent for a number that is only recorded. */
  readonly goal?: string;
  /** True when the goal was met in this run; absent without a goal. */
  readonly met?: boolean;
  /** Why a goal was missed, or what the reader must know. */
  readonly note?: string;
}

/** A measurement: what it is called on the command line and how it is taken. */
export interface Bench {
  readonly name: string;
  readonly about: string;
  run(): Promise<readonly BenchRow[]>;
}

/** The middle of several measurements; robust against a neighbour that was busy for a moment. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Operations per second of `work`, which does `count` of them. */
export async function perSecond(count: number, work: () => Promise<void> | void): Promise<number> {
  const begun = performance.now();
  await work();
  return (count * 1000) / (performance.now() - begun);
}
