import { segmentAt, segmentReaching, shownThrough, type ZoneSegment } from '../../kernel/time/zone.ts';
import { type CronLabels, labelAtOrAfter, labelAtOrBefore, labelsOf } from './cron-labels.ts';
import { type CronSchedule, isElapsedLike, needsDayMatch } from './schedule.ts';

/**
 * The first slot of a cron schedule strictly after an instant; undefined when it never fires. Throws as `nextSlot` does.
 */
export function nextCronSlot(schedule: CronSchedule, afterMs: number): number | undefined {
  return isElapsedLike(schedule.fields)
    ? nextElapsedSlot(schedule, afterMs)
    : nextWallSlot(schedule, afterMs);
}

/** The last slot of a cron schedule strictly before an instant; undefined when there is none. */
export function previousCronSlot(schedule: CronSchedule, beforeMs: number): number | undefined {
  return isElapsedLike(schedule.fields)
    ? previousElapsedSlot(schedule, beforeMs)
    : previousWallSlot(schedule, beforeMs);
}

/*
 * Hours restricted: each wall time fires once, when the wall clock first shows it or jumps over it. Both ways the
 * mapping from wall times to instants never decreases, so the neighbour among wall times is the neighbour in time.
 */

function nextWallSlot(schedule: CronSchedule, afterMs: number): number | undefined {
  const labels = labelsOfSchedule(schedule);
  let label = labelAtOrAfter(labels, shownThrough(schedule.timeZone, afterMs));
  while (label !== undefined) {
    const segment = segmentReaching(schedule.timeZone, label);
    if (!isSkipped(schedule, segment, label)) return instantOf(segment, label);
    label = labelAtOrAfter(labels, segment.startMs + segment.offsetMs);
  }
  return undefined;
}

function previousWallSlot(schedule: CronSchedule, beforeMs: number): number | undefined {
  const labels = labelsOfSchedule(schedule);
  let label = labelAtOrBefore(labels, shownThrough(schedule.timeZone, beforeMs - 1) - 1);
  while (label !== undefined) {
    const segment = segmentReaching(schedule.timeZone, label);
    if (!isSkipped(schedule, segment, label)) return instantOf(segment, label);
    label = labelAtOrBefore(labels, shownThrough(schedule.timeZone, segment.startMs - 1) - 1);
  }
  return undefined;
}

function isSkipped(schedule: CronSchedule, segment: ZoneSegment, label: number): boolean {
  return schedule.dstGap === 'skip' && label - segment.offsetMs < segment.startMs;
}

function instantOf(segment: ZoneSegment, label: number): number {
  return Math.max(segment.startMs, label - segment.offsetMs);
}

/*
 * All 24 hours selected: whatever the wall clock shows fires, twice if it is shown twice. A schedule such as
 * "every 15 minutes" so keeps its real distance through both clock changes.
 */

function nextElapsedSlot(schedule: CronSchedule, afterMs: number): number | undefined {
  const labels = labelsOfSchedule(schedule);
  let segment = segmentAt(schedule.timeZone, afterMs);
  let fromMs = afterMs + 1;
  for (;;) {
    const label = labelAtOrAfter(labels, fromMs + segment.offsetMs);
    if (label === undefined) return undefined;
    if (label - segment.offsetMs < segment.endMs) return label - segment.offsetMs;
    segment = segmentAt(schedule.timeZone, segment.endMs);
    fromMs = segment.startMs;
  }
}

function previousElapsedSlot(schedule: CronSchedule, beforeMs: number): number | undefined {
  const labels = labelsOfSchedule(schedule);
  let toMs = beforeMs - 1;
  for (;;) {
    const segment = segmentAt(schedule.timeZone, toMs);
    const label = labelAtOrBefore(labels, toMs + segment.offsetMs);
    if (label === undefined) return undefined;
    if (label - segment.offsetMs >= segment.startMs) return label - segment.offsetMs;
    toMs = segment.startMs - 1;
  }
}

function labelsOfSchedule({ expression, fields, dayMatch }: CronSchedule): CronLabels {
  if (dayMatch === undefined && needsDayMatch(fields)) {
    throw new Error(`cron '${expression}' restricts both day fields and has no dayMatch`);
  }
  return labelsOf(fields, dayMatch ?? 'and');
}
