/** A number under a name. */
export interface Reading {
  readonly name: string;
  readonly value: number;
}

/** One measured number, beside its peers of the same run and the physical limit. */
export interface BenchRow {
  /** Stays the same when the words change: rows of different runs are compared by it. Kebab-case, unique in a bench. */
  readonly id: string;
  /** What was measured, in words. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Which direction is progress. */
  readonly better: 'more' | 'less';
  /** The same work done by others in the same run, in the same unit. */
  readonly peers?: readonly Reading[];
  /** What the machine itself allows, measured in the same run, in the same unit. */
  readonly limit?: Reading;
  /** At least this much, or at most where less is better; absent for a number that is only recorded. */
  readonly goal?: number;
  /** Why a goal was missed, or what the reader must know. */
  readonly note?: string;
}

/** How much time a measurement may take: `short` shows that it works, its numbers are not kept. */
export type Effort = 'full' | 'short';

/** A measurement: what it is called on the command line and how it is taken. */
export interface Bench {
  readonly name: string;
  readonly about: string;
  run(effort: Effort): Promise<readonly BenchRow[]>;
}

/** Whether the goal of a row was reached; absent without a goal. */
export function goalMet({
  value,
  better,
  goal,
}: Pick<BenchRow, 'value' | 'better' | 'goal'>): boolean | undefined {
  if (goal === undefined) return undefined;
  return better === 'more' ? value >= goal : value <= goal;
}

/** How close a row comes to its limit: 1 is the limit itself; absent without one. */
export function shareOfLimit({ value, better, limit }: BenchRow): number | undefined {
  if (limit === undefined) return undefined;
  return better === 'more' ? value / limit.value : limit.value / value;
}

/** The middle of several measurements; robust against a neighbour that was busy for a moment. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which `share` (0 to 1) of the values lie, between two of them by their distance; NaN without any. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const lower = sorted[Math.floor(place)] ?? Number.NaN;
  const upper = sorted[Math.ceil(place)] ?? lower;
  return lower + (upper - lower) * (place - Math.floor(place));
}

/** Operations per second of `work`, which does `count` of them. */
export async function perSecond(count: number, work: () => Promise<void> | void): Promise<number> {
  return (count * 1000) / (await timed(work));
}

/** Milliseconds `work` took. */
export async function timed(work: () => Promise<void> | void): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Lets real time pass; for measurements only. */
export function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
