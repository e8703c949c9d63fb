/** A range of the Nagios plugin rules: `10`, `10:`, `~:10`, `10:20`, `@10:20`. */
export interface NagiosRange {
  readonly from: number;
  readonly to: number;
  /** Alerts inside instead of outside. */
  readonly isInside: boolean;
}

const NUMBER = '[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?';
const RANGE = new RegExp(`^(@)?(?:(~|${NUMBER})?(:))?(${NUMBER})?$`);

/** Reads a range; undefined when it is none. */
export function parseRange(text: string): NagiosRange | undefined {
  const match = RANGE.exec(text.trim());
  if (match === null) return undefined;
  const [, at, start, colon, end] = match;
  if (colon === undefined && end === undefined) return undefined;
  if (colon !== undefined && start === undefined && end === undefined) return undefined;
  const from = start === '~' ? Number.NEGATIVE_INFINITY : Number(start ?? 0);
  const to = end === undefined ? Number.POSITIVE_INFINITY : Number(end);
  return from > to ? undefined : { from, to, isInside: at !== undefined };
}

/** Whether a value is one that a range alerts on. */
export function alertsOn({ from, to, isInside }: NagiosRange, value: number): boolean {
  const isWithin = value >= from && value <= to;
  return isInside ? isWithin : !isWithin;
}
