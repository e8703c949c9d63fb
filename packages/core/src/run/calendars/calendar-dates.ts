import { daysFromCivil, formatDate, isCivilTime } from '../../kernel/time/civil.ts';

const dayMs = 86_400_000;
const datePattern = /^(\d{4})-(\d{2})-(\d{2})$/;
const timePattern = /^(\d{1,2}):(\d{2})(?::(\d{2}))?(?:([+-])1d)?$/;

/** Names of the weekdays in the order of their numbers; 0 is Sunday. */
export const weekdayNames = {
  en: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  ko: ['일요일', '월요일', '화요일', '수요일', '목요일', '금요일', '토요일'],
} as const;

/** Days from 1970-01-01 to a date written `2026-11-20`; undefined when no calendar shows that date. */
export function dayOfDate(date: string): number | undefined {
  const match = datePattern.exec(date);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return isCivilTime({ year, month, day, hour: 0, minute: 0, second: 0 })
    ? daysFromCivil(year, month, day)
    : undefined;
}

/** The date that lies `day` days after 1970-01-01, written `2026-11-20`. */
export function dateOfDay(day: number): string {
  return formatDate(day * dayMs, 'UTC');
}

/**
 * Milliseconds from the midnight that begins a session's date to a time of day: `09:30`, `09:30:15`, `18:00-1d` for
 * the evening before, `02:00+1d` for the night after; undefined for anything else.
 */
export function readSessionTime(text: string): number | undefined {
  const match = timePattern.exec(text);
  if (match === null) return undefined;
  const [, hours, minutes, seconds = '0', sign] = match;
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds)];
  if (!isCivilTime({ year: 1970, month: 1, day: 1, hour, minute, second })) return undefined;
  const shiftMs = sign === undefined ? 0 : sign === '-' ? -dayMs : dayMs;
  return ((hour * 60 + minute) * 60 + second) * 1_000 + shiftMs;
}

/** The text that `readSessionTime` reads as these milliseconds: `09:30`, seconds only where there are any. */
export function sessionTimeText(timeMs: number): string {
  const shift = Math.floor(timeMs / dayMs);
  const seconds = Math.floor((timeMs - shift * dayMs) / 1_000);
  const clock = `${two(Math.floor(seconds / 3_600))}:${two(Math.floor(seconds / 60) % 60)}`;
  const rest = seconds % 60 === 0 ? '' : `:${two(seconds % 60)}`;
  return `${clock}${rest}${shift === 0 ? '' : shift > 0 ? '+1d' : '-1d'}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
