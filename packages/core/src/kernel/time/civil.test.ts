import { describe, expect, it } from 'vitest';
import {
  civilAt,
  civilFromDays,
  civilOfLocalMs,
  daysFromCivil,
  daysInMonth,
  formatClock,
  formatDate,
  formatInstant,
  isCivilTime,
  isLeapYear,
  localMsOf,
  weekdayOfDays,
} from './civil.ts';

const dayMs = 86_400_000;

describe('days and dates', () => {
  it('agree with the platform calendar on every day of eight centuries', () => {
    const first = Date.UTC(1600, 0, 1) / dayMs;
    const last = Date.UTC(2400, 11, 31) / dayMs;
    let mismatches = 0;
    for (let days = first; days <= last; days += 1) {
      const expected = new Date(days * dayMs);
      const { year, month, day } = civilFromDays(days);
      if (
        year !== expected.getUTCFullYear() ||
        month !== expected.getUTCMonth() + 1 ||
        day !== expected.getUTCDate() ||
        daysFromCivil(year, month, day) !== days ||
        weekdayOfDays(days) !== expected.getUTCDay()
      ) {
        mismatches += 1;
      }
    }
    expect(mismatches).toBe(0);
  });

  it('know the leap rule of centuries', () => {
    expect([1900, 2000, 2024, 2026, 2100].map(isLeapYear)).toEqual([false, true, true, false, false]);
    expect(daysInMonth(2000, 2)).toBe(29);
    expect(daysInMonth(1900, 2)).toBe(28);
    expect([1, 3, 4, 12].map((month) => daysInMonth(2026, month))).toEqual([31, 31, 30, 31]);
  });
});

describe('wall times', () => {
  it('survive the way to milliseconds and back', () => {
    const time = { year: 2026, month: 11, day: 20, hour: 13, minute: 55, second: 4 };
    expect(civilOfLocalMs(localMsOf(time))).toEqual(time);
    expect(localMsOf(time)).toBe(Date.UTC(2026, 10, 20, 13, 55, 4));
  });

  it('before 1970 keep a time of day that counts forward', () => {
    expect(civilOfLocalMs(-1)).toEqual({ year: 1969, month: 12, day: 31, hour: 23, minute: 59, second: 59 });
  });

  it('are recognised only when a calendar can show them', () => {
    const time = { year: 2026, month: 2, day: 28, hour: 23, minute: 59, second: 59 };
    expect(isCivilTime(time)).toBe(true);
    for (const wrong of [
      { day: 29 },
      { month: 13 },
      { hour: 24 },
      { minute: -1 },
      { second: 60 },
      { day: 1.5 },
    ]) {
      expect(isCivilTime({ ...time, ...wrong })).toBe(false);
    }
  });
});

describe('instants as text', () => {
  const instantMs = Date.UTC(2026, 10, 20, 4, 55, 4, 987);

  it.each([
    ['Asia/Seoul', '2026-11-20T13:55:04+09:00'],
    ['UTC', '2026-11-20T04:55:04+00:00'],
    ['America/New_York', '2026-11-19T23:55:04-05:00'],
    ['Asia/Kathmandu', '2026-11-20T10:40:04+05:45'],
  ])('in %s carry the offset of that zone', (zone, expected) => {
    expect(formatInstant(instantMs, zone)).toBe(expected);
    expect(Date.parse(expected)).toBe(instantMs - 987);
  });

  it('show clock and date of the zone', () => {
    expect(formatClock(instantMs, 'Asia/Seoul')).toBe('13:55:04');
    expect(formatDate(instantMs, 'America/New_York')).toBe('2026-11-19');
    expect(civilAt(instantMs, 'Asia/Seoul')).toMatchObject({ day: 20, hour: 13 });
  });

  it('show offsets of local mean time to the second', () => {
    expect(formatInstant(Date.UTC(1880, 0, 1), 'America/New_York')).toBe('1879-12-31T19:03:58-04:56:02');
  });
});
