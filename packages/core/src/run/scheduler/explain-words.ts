import { civilOfLocalMs } from '../../kernel/time/civil.ts';
import { offsetAt } from '../../kernel/time/zone.ts';
import type { ClockChange, ClockChangeEffect } from './clock-change.ts';
import type { TimesShape } from './cron-shape.ts';
import type { DaysShape } from './day-shape.ts';
import type { AnchorSchedule, CronSchedule, IntervalSchedule, SessionFilter } from './schedule.ts';
import type { ScheduleHint } from './schedule-hints.ts';

/** A language in which schedules are explained. */
export type ExplainLanguage = 'en' | 'ko';

/** An expression in the form a sentence has. */
export interface CronShape {
  readonly times: TimesShape;
  readonly days: DaysShape;
}

/** How one language says what a schedule does. Every text is a sentence or a line of its own. */
export interface ScheduleWords {
  interval(schedule: IntervalSchedule): string;
  /** What besides the sentence is worth knowing about an interval. */
  intervalNotes(schedule: IntervalSchedule): readonly string[];
  cron(schedule: CronSchedule, shape: CronShape): string;
  anchor(schedule: AnchorSchedule): string;
  /** What besides the sentence is worth knowing about a moment of every session. */
  anchorNotes(schedule: AnchorSchedule): readonly string[];
  hint(hint: ScheduleHint): string;
  clockChange(effect: ClockChangeEffect, zone: string): string;
  /** Which slots a trading calendar takes away. */
  sessions(sessions: SessionFilter): string;
  /** Clock changes that do nothing to the schedule. */
  untouched(zone: string, changes: readonly ClockChange[]): string;
  /** A zone whose clock does not change in the next two years. */
  steadyClock(zone: string): string;
  /** Both day fields exclude days and nobody has said how they go together. */
  undecided(): string;
  /** One of the two readings: its sentence and its next slots, already written out. */
  reading(dayMatch: 'and' | 'or', sentence: string, next: readonly string[]): string;
  never(): string;
  unknownZone(zone: string): string;
}

/** `09:00`, or `09:00:30` when some second counts. */
export function clockText(secondOfDay: number, withSeconds: boolean): string {
  const parts = [Math.floor(secondOfDay / 3_600), Math.floor(secondOfDay / 60) % 60];
  return [...parts, ...(withSeconds ? [secondOfDay % 60] : [])].map(twoDigits).join(':');
}

const dayMs = 86_400_000;
const shownClocks = 3;

/** The first times of a UTC day at which an interval has slots; undefined where a day has too many or others than the next. */
export function intervalClocks(
  everyMs: number,
  phaseMs: number,
): { readonly times: readonly string[]; readonly more: boolean } | undefined {
  if (everyMs < 60_000 || dayMs % everyMs !== 0 || phaseMs % 1_000 !== 0 || everyMs % 1_000 !== 0) {
    return undefined;
  }
  const count = dayMs / everyMs;
  const seconds = Array.from({ length: Math.min(count, shownClocks) }, (_, index) => {
    return (phaseMs + index * everyMs) / 1_000;
  });
  const withSeconds = seconds.some((second) => second % 60 !== 0);
  return { times: seconds.map((second) => clockText(second, withSeconds)), more: count > shownClocks };
}

/** The wall time of `localMs` (counted as if it were UTC) within its day. */
export function localClockText(localMs: number): string {
  const secondOfDay = Math.floor(localMs / 1_000) - Math.floor(localMs / 86_400_000) * 86_400;
  return clockText(secondOfDay, secondOfDay % 60 !== 0);
}

/** The date of `localMs` (counted as if it were UTC): `2027-03-14`. */
export function localDateText(localMs: number): string {
  const { year, month, day } = civilOfLocalMs(localMs);
  return `${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)}`;
}

/** What the clock of a zone shows at an instant: `01:45`. */
export function slotClockText(instantMs: number, zone: string): string {
  return localClockText(instantMs + offsetAt(zone, instantMs));
}

/** An instant in a zone to the minute, or to the second where it counts: `2026-11-23 17:00`. */
export function slotText(instantMs: number, zone: string): string {
  const localMs = instantMs + offsetAt(zone, instantMs);
  return `${localDateText(localMs)} ${localClockText(localMs)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
