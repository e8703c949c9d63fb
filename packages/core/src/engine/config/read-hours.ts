import type { WeeklyHours } from '../../watch/alerts/weekly-hours.ts';

const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const minutesPerDay = 1_440;

/** Weekdays and hours such as `MON-FRI 09:00-18:00`; undefined when the text names none. */
export function readHours(text: string, timeZone: string): WeeklyHours | undefined {
  const [, days = '', from = '', to = ''] = /^(\S+) (\d\d:\d\d)-(\d\d:\d\d)$/.exec(text.trim()) ?? [];
  const weekdays = readDays(days);
  const [fromMinute, toMinute] = [minuteOf(from), minuteOf(to)];
  if (weekdays === undefined || fromMinute === undefined || toMinute === undefined) return undefined;
  if (fromMinute === minutesPerDay || fromMinute === toMinute) return undefined;
  return { timeZone, weekdays, fromMinute, toMinute: toMinute === 0 ? minutesPerDay : toMinute };
}

function readDays(text: string): readonly number[] | undefined {
  if (text === '*') return [0, 1, 2, 3, 4, 5, 6];
  const days = new Set<number>();
  for (const part of text.toUpperCase().split(',')) {
    const [first, last, more] = part.split('-').map((name) => dayNames.indexOf(name));
    if (first === undefined || first < 0 || last === -1 || more !== undefined) return undefined;
    const count = last === undefined ? 0 : (last - first + 7) % 7;
    for (let step = 0; step <= count; step++) days.add((first + step) % 7);
  }
  return [...days].sort((a, b) => a - b);
}

function minuteOf(text: string): number | undefined {
  const [hour = Number.NaN, minute = Number.NaN] = text.split(':').map(Number);
  const minutes = hour * 60 + minute;
  return minute < 60 && minutes >= 0 && minutes <= minutesPerDay ? minutes : undefined;
}
