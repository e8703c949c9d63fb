import { formatExactDuration } from '../../kernel/duration.ts';
import type { SessionAnchor, SessionWindow, TradingCalendar } from '../calendars/calendar.ts';
import { formatAnchor, formatWindow } from '../calendars/session-terms.ts';
import type { DayMatch } from './cron-days.ts';
import type { CronFields } from './cron-fields.ts';

/** Which slots count: those that fall on a day with a session, or into a window around the session. */
export interface SessionFilter {
  readonly calendar: TradingCalendar;
  /** Absent: any time of a day, in the calendar's zone, that has a session. */
  readonly window?: SessionWindow;
}

/** Slots at a constant distance. */
export interface IntervalSchedule {
  readonly kind: 'interval';
  /** Distance of two slots, `minIntervalMs`..`maxIntervalMs`. */
  readonly everyMs: number;
  /** `rate`: slots at `phaseMs + k * everyMs` since 1970, the same on every machine. `delay`: `everyMs` after the end of the previous run. */
  readonly mode: 'rate' | 'delay';
  /** Shift of the slots, 0..everyMs - 1; 0 in `delay` mode. */
  readonly phaseMs: number;
  /** Whether the target also runs once when the scheduler starts. */
  readonly runOnStart: boolean;
  /** Slots outside it are skipped with reason `calendar`. */
  readonly sessions?: SessionFilter;
}

/** Slots at the wall times of a cron expression. */
export interface CronSchedule {
  readonly kind: 'cron';
  /** The expression as written. */
  readonly expression: string;
  readonly fields: CronFields;
  /** IANA name of the zone whose wall clock counts; never the host's by default. */
  readonly timeZone: string;
  /** Required when both day fields are restricted, otherwise without effect. */
  readonly dayMatch?: DayMatch;
  /** What happens to wall times that the clock jumps over: one run right after the jump, or none. Without effect when all 24 hours are selected. */
  readonly dstGap: 'run' | 'skip';
  /** Slots outside it are skipped with reason `calendar`. */
  readonly sessions?: SessionFilter;
}

/** One slot for each session of a market: so long before or after its opening or closing. */
export interface AnchorSchedule {
  readonly kind: 'anchor';
  readonly calendar: TradingCalendar;
  readonly anchor: SessionAnchor;
}

/** When a target is due. */
export type Schedule = IntervalSchedule | CronSchedule | AnchorSchedule;

/** Shortest interval in milliseconds; below it the work of keeping records outweighs the work itself. */
export const minIntervalMs = 100;

/** Longest interval in milliseconds (366 days). */
export const maxIntervalMs = 366 * 86_400_000;

/** Whether both day fields exclude days, so that "and" and "or" select different days. */
export function needsDayMatch(fields: CronFields): boolean {
  return fields.dayOfMonthRestricted && fields.dayOfWeekRestricted;
}

/**
 * Whether a cron schedule follows real time through clock changes (all 24 hours selected) instead of
 * firing once for each wall time.
 */
export function isElapsedLike(fields: CronFields): boolean {
  return fields.hours.length === 24;
}

/** Which slots of a schedule count; absent when all of them do. An anchor's slots lie at sessions anyway. */
export function sessionsOf(schedule: Schedule): SessionFilter | undefined {
  return schedule.kind === 'anchor' ? undefined : schedule.sessions;
}

/** Zone of the wall clock that a schedule follows; absent for intervals, which follow none. */
export function zoneOfSchedule(schedule: Schedule): string | undefined {
  if (schedule.kind === 'interval') return undefined;
  return schedule.kind === 'cron' ? schedule.timeZone : schedule.calendar.timeZone;
}

/**
 * Short text for a table: `every 1 s`, `1 s after end`, `0 17 * * 1-5`, `XKRX close+5m`; a filter is named behind it:
 * `every 1 s on XKRX days`, `every 1 s in XKRX open..close`.
 */
export function describeSchedule(schedule: Schedule): string {
  const sessions = sessionsOf(schedule);
  return `${slotsText(schedule)}${sessions === undefined ? '' : ` ${filterText(sessions)}`}`;
}

function slotsText(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'interval': {
      const every = formatExactDuration(schedule.everyMs);
      return schedule.mode === 'rate' ? `every ${every}` : `${every} after end`;
    }
    case 'cron':
      return schedule.expression;
    case 'anchor':
      return `${schedule.calendar.id} ${formatAnchor(schedule.anchor)}`;
    default:
      return schedule satisfies never;
  }
}

function filterText({ calendar, window }: SessionFilter): string {
  return window === undefined ? `on ${calendar.id} days` : `in ${calendar.id} ${formatWindow(window)}`;
}
