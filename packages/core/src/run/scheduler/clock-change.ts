import { segmentAt, type ZoneSegment } from '../../kernel/time/zone.ts';
import { labelAtOrAfter, labelsOf } from './cron-labels.ts';
import { nextSlot, previousSlot } from './next-slot.ts';
import { type CronSchedule, isElapsedLike } from './schedule.ts';

/** One change of a zone's clock. Wall times are counted in milliseconds as if they were UTC. */
export interface ClockChange {
  /** When it happens, ms UTC. */
  readonly atMs: number;
  /** What the clock would have shown next. */
  readonly fromLocalMs: number;
  /** What it shows instead. */
  readonly toLocalMs: number;
}

/** What a clock change does to a schedule. */
export interface ClockChangeEffect extends ClockChange {
  /**
   * `none`: no wall time of the schedule is jumped over or shown twice. `joined`: those jumped over make one run right
   * after. `left-out`: they make none. `first-only`: those shown twice run the first time. `real-time`: whatever is
   * shown runs, and what is jumped over does not.
   */
  readonly kind: 'none' | 'joined' | 'left-out' | 'first-only' | 'real-time';
  /** The first wall times that are jumped over or shown twice, at most `shownLabels`. */
  readonly labels: readonly number[];
  /** How many there are in all. */
  readonly count: number;
  /** The last slot before the change and the first one at or after it, ms UTC; absent where there is none. */
  readonly beforeMs?: number;
  readonly afterMs?: number;
}

/** This many wall times are named one by one. */
const shownLabels = 4;
const maxCountedLabels = 90_000;
/** How far ahead changes are looked for, ms: no zone that changes twice a year goes without for so long. */
const horizonMs = 2 * 366 * 86_400_000;

/** The next changes of a zone's clock after an instant, at most `count`, within two years. */
export function nextClockChanges(zone: string, afterMs: number, count: number): readonly ClockChange[] {
  const changes: ClockChange[] = [];
  let segment = segmentAt(zone, afterMs);
  while (changes.length < count && segment.endMs <= afterMs + horizonMs) {
    const next = segmentAt(zone, segment.endMs);
    if (next.offsetMs !== segment.offsetMs) changes.push(changeBetween(segment, next));
    segment = next;
  }
  return changes;
}

function changeBetween(before: ZoneSegment, after: ZoneSegment): ClockChange {
  const atMs = after.startMs;
  return { atMs, fromLocalMs: atMs + before.offsetMs, toLocalMs: atMs + after.offsetMs };
}

/** What a change does to a schedule whose day fields are decided. */
export function clockChangeEffect(schedule: CronSchedule, change: ClockChange): ClockChangeEffect {
  const forward = change.toLocalMs > change.fromLocalMs;
  const { labels, count } = labelsBetween(
    schedule,
    Math.min(change.fromLocalMs, change.toLocalMs),
    Math.max(change.fromLocalMs, change.toLocalMs),
  );
  const beforeMs = previousSlot(schedule, change.atMs);
  const afterMs = nextSlot(schedule, change.atMs - 1);
  return {
    ...change,
    kind: count === 0 ? 'none' : kindOf(schedule, forward),
    labels,
    count,
    ...(beforeMs === undefined ? {} : { beforeMs }),
    ...(afterMs === undefined ? {} : { afterMs }),
  };
}

function kindOf(schedule: CronSchedule, forward: boolean): ClockChangeEffect['kind'] {
  if (isElapsedLike(schedule.fields)) return 'real-time';
  if (!forward) return 'first-only';
  return schedule.dstGap === 'run' ? 'joined' : 'left-out';
}

function labelsBetween(schedule: CronSchedule, fromLocalMs: number, toLocalMs: number) {
  const table = labelsOf(schedule.fields, schedule.dayMatch ?? 'and');
  const labels: number[] = [];
  let count = 0;
  let label = labelAtOrAfter(table, fromLocalMs);
  while (label !== undefined && label < toLocalMs && count < maxCountedLabels) {
    count += 1;
    if (labels.length < shownLabels) labels.push(label);
    label = labelAtOrAfter(table, label + 1000);
  }
  return { labels, count };
}
