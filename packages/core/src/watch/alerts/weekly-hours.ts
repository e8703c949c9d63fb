import { weekdayOfDays } from '../../kernel/time/civil.ts';
import { localToInstants, offsetAt, segmentReaching } from '../../kernel/time/zone.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const MINUTES_PER_DAY = 1440;

/** Hours of some weekdays on the wall clock of a zone. */
export interface WeeklyHours {
  /** IANA name. */
  readonly timeZone: string;
  /** 0 is Sunday; the day on which the hours begin. */
  readonly weekdays: readonly number[];
  /** Minute of the day, 0 … 1439. */
  readonly fromMinute: number;
  /** Minute of the day, 1 … 1440; not after `fromMinute` means that of the next day. */
  readonly toMinute: number;
}

/**
 * True when the wall clock of the zone shows one of the hours. A clock change needs no rule of its own: an hour that
 * the clock shows twice counts twice, one that it jumps over does not come.
 */
export function isInHours(hours: WeeklyHours, instantMs: number): boolean {
  const localMs = instantMs + offsetAt(hours.timeZone, instantMs);
  const day = Math.floor(localMs / DAY_MS);
  const minute = (localMs - day * DAY_MS) / MINUTE_MS;
  const { weekdays, fromMinute, toMinute } = hours;
  const overnight = toMinute <= fromMinute;
  const end = overnight ? MINUTES_PER_DAY : toMinute;
  if (weekdays.includes(weekdayOfDays(day)) && minute >= fromMinute && minute < end) return true;
  return overnight && weekdays.includes(weekdayOfDays(day - 1)) && minute < toMinute;
}

/** The first instant from `fromMs` on that lies in the hours; absent when no weekday is given. */
export function nextInHours(hours: WeeklyHours, fromMs: number): number | undefined {
  if (isInHours(hours, fromMs)) return fromMs;
  const firstDay = Math.floor((fromMs + offsetAt(hours.timeZone, fromMs)) / DAY_MS);
  for (let day = firstDay - 1; day <= firstDay + 15; day++) {
    if (!hours.weekdays.includes(weekdayOfDays(day))) continue;
    const start = beginningAfter(hours, day, fromMs);
    if (start !== undefined) return start;
  }
  return undefined;
}

function beginningAfter(hours: WeeklyHours, day: number, fromMs: number): number | undefined {
  const localMs = day * DAY_MS + hours.fromMinute * MINUTE_MS;
  const shown = localToInstants(hours.timeZone, localMs);
  // A beginning that the clock jumps over is the instant of the jump, if the hours last longer than it.
  const starts = shown.length > 0 ? shown : [segmentReaching(hours.timeZone, localMs).startMs];
  return starts.find((start) => start >= fromMs && isInHours(hours, start));
}
