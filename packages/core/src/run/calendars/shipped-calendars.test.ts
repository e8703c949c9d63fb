import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isOpsException } from '../../kernel/ops-exception.ts';
import { formatInstant } from '../../kernel/time/civil.ts';
import type { TradingCalendar } from './calendar.ts';
import { calendarCorrections } from './calendar-corrections.ts';
import { shippedCalendarDigests } from './calendar-digests.ts';
import { isSession, sessionOf } from './calendar-rules.ts';
import { calendarDigest, sessionList } from './session-list.ts';
import { findShippedCalendar, requireShippedCalendar, shippedCalendarIds } from './shipped-calendars.ts';

const xkrx = requireShippedCalendar('XKRX');
const xnys = requireShippedCalendar('XNYS');
/** Session lists that lie beside the repository of the people who maintain it. */
const listFolder = join(import.meta.dirname, '../../../../../../shared/data/calendars');

describe('the shipped calendars', () => {
  it.for(shippedCalendarIds)(
    '%s equals the session list beside the repository but for the named corrections',
    (id, { skip }) => {
      const path = join(listFolder, `${id}.csv`);
      if (!existsSync(path))
        skip(`there is no ${id}.csv beside the repository; the digest is checked instead`);
      expect(sessionList(requireShippedCalendar(id))).toBe(correctedList(id, readFileSync(path, 'utf8')));
    },
  );

  it.each(shippedCalendarIds)('%s has the committed digest', (id) => {
    expect(calendarDigest(requireShippedCalendar(id))).toBe(shippedCalendarDigests[id]);
  });

  it('are found by their exact names and worked out once', () => {
    expect(shippedCalendarIds).toEqual(['XKRX', 'XNYS']);
    expect(findShippedCalendar('XNYS')).toBe(xnys);
    expect(findShippedCalendar('xnys')).toBeUndefined();
    expect(findShippedCalendar('constructor')).toBeUndefined();
  });

  it('are named in the error about an unknown one', () => {
    const error = thrownBy(() => requireShippedCalendar('XTKS'));
    expect(isOpsException(error) && error.code).toBe('INP-0702');
    expect(String(error)).toContain("'XTKS' is not a calendar; there are XKRX, XNYS");
  });

  it('begin and end with the first and last session of 2020 to 2027', () => {
    expect([xkrx.firstDate, xkrx.lastDate]).toEqual(['2020-01-02', '2027-12-30']);
    expect([xnys.firstDate, xnys.lastDate]).toEqual(['2020-01-02', '2027-12-31']);
  });

  it('give every closed day a name in both languages', () => {
    for (const { name } of [...xkrx.closedDays, ...xnys.closedDays]) {
      expect(name?.en).toMatch(/^[A-Z]/);
      expect(name?.ko).toMatch(/\p{Script=Hangul}/u);
    }
  });
});

describe('the corrections', () => {
  it('are these four days of the Korea Exchange', () => {
    expect(calendarCorrections.map(({ calendarId, date }) => `${calendarId} ${date}`)).toEqual([
      'XKRX 2026-07-17',
      'XKRX 2026-11-19',
      'XKRX 2027-07-19',
      'XKRX 2027-11-18',
    ]);
  });

  it('stand in the tables', () => {
    for (const { calendarId, date, corrected } of calendarCorrections) {
      expect(utcHoursOf(requireShippedCalendar(calendarId), date), date).toBe(corrected);
    }
  });

  it('each say why and where to check it', () => {
    for (const { why, source } of calendarCorrections) {
      expect(why.length).toBeGreaterThan(30);
      expect(source).toMatch(/Act|Ministry/);
    }
  });
});

describe('the Korea Exchange', () => {
  it('is closed over Seollal 2024, the substitute Monday included', () => {
    expect(openDates(xkrx, '2024-02-05', 12)).toEqual([
      ...['2024-02-05', '2024-02-06', '2024-02-07', '2024-02-08'],
      ...['2024-02-13', '2024-02-14', '2024-02-15', '2024-02-16'],
    ]);
    expect(closedName(xkrx, '2024-02-09')).toBe('Seollal (Lunar New Year)');
    expect(closedName(xkrx, '2024-02-12')).toBe('Seollal (substitute)');
  });

  it('is closed for a whole week around Chuseok 2025', () => {
    expect(openDates(xkrx, '2025-10-01', 12)).toEqual(['2025-10-01', '2025-10-02', '2025-10-10']);
    expect(
      ['2025-10-03', '2025-10-06', '2025-10-08', '2025-10-09'].map((date) => closedName(xkrx, date)),
    ).toEqual(['National Foundation Day', 'Chuseok', 'Chuseok (substitute)', 'Hangul Day']);
  });

  it('is closed on the last weekday of every year', () => {
    const closings = xkrx.closedDays
      .filter(({ name }) => name?.en === 'Year-end closing')
      .map(({ date }) => date);
    expect(closings).toEqual([
      ...['2020-12-31', '2021-12-31', '2022-12-30', '2023-12-29'],
      ...['2024-12-31', '2025-12-31', '2026-12-31', '2027-12-31'],
    ]);
  });

  it('opens an hour late on the first session of every year and closes as usual', () => {
    for (let year = 2020; year <= 2027; year += 1) {
      const first = xkrx.sessions.find(({ date }) => date.startsWith(`${year}`));
      expect(first?.kind).toBe('late-open');
      expect(localHours(xkrx, first?.date ?? '')).toBe('10:00-15:30');
    }
  });

  it('opens and closes an hour late on every university entrance exam day', () => {
    const examDays = [
      ...['2020-12-03', '2021-11-18', '2022-11-17', '2023-11-16'],
      ...['2024-11-14', '2025-11-13', '2026-11-19', '2027-11-18'],
    ];
    const late = xkrx.sessions.filter(({ kind }) => kind === 'late-open-late-close');
    expect(late.map(({ date }) => date)).toEqual(examDays);
    for (const date of examDays) expect(localHours(xkrx, date)).toBe('10:00-16:30');
  });

  it('treats Constitution Day as a holiday from 2026 on', () => {
    expect(isSession(xkrx, '2025-07-17')).toBe(true);
    expect(closedName(xkrx, '2026-07-17')).toBe('Constitution Day');
  });
});

describe('the New York Stock Exchange', () => {
  it('observes Juneteenth since 2022, on Friday or Monday when it falls on a weekend', () => {
    expect(isSession(xnys, '2020-06-19')).toBe(true);
    expect(isSession(xnys, '2021-06-18')).toBe(true);
    const dates = ['2022-06-20', '2023-06-19', '2024-06-19', '2025-06-19', '2026-06-19', '2027-06-18'];
    for (const date of dates) expect(closedName(xnys, date)).toMatch(/^Juneteenth/);
  });

  it('closes at one on the day after Thanksgiving', () => {
    expect(sessionOf(xnys, '2026-11-27')?.kind).toBe('early-close');
    expect(localHours(xnys, '2026-11-27')).toBe('09:30-13:00');
  });

  it('was closed on the day of mourning for Jimmy Carter', () => {
    expect(closedName(xnys, '2025-01-09')).toBe('National Day of Mourning for Jimmy Carter');
    expect(openDates(xnys, '2025-01-08', 3)).toEqual(['2025-01-08', '2025-01-10']);
  });

  it('keeps its wall clock through the changes of 2026', () => {
    expect(
      ['2026-03-06', '2026-03-09', '2026-10-30', '2026-11-02'].map((date) => utcHoursOf(xnys, date)),
    ).toEqual([...['14:30-21:00', '13:30-20:00', '13:30-20:00', '14:30-21:00']]);
  });

  it('trades on the last day of 2027, because a Saturday holiday of New Year is not observed', () => {
    expect(isSession(xnys, '2027-12-31')).toBe(true);
  });
});

/** The list with our corrections; it fails when the list does not say what a correction claims. */
function correctedList(id: string, list: string): string {
  const lines = new Map(list.split('\n').map((line) => [line.split(',')[0] ?? '', line]));
  for (const { calendarId, date, listed, corrected } of calendarCorrections) {
    if (calendarId !== id) continue;
    expect(lines.get(date)).toBe(`${date},${listed.replace('-', ',')}`);
    if (corrected === 'closed') lines.delete(date);
    else lines.set(date, `${date},${corrected.replace('-', ',')}`);
  }
  return [...lines.values()].join('\n');
}

function openDates(calendar: TradingCalendar, fromDate: string, days: number): string[] {
  const fromMs = Date.parse(fromDate);
  const dates = Array.from({ length: days }, (_, index) => {
    return new Date(fromMs + index * 86_400_000).toISOString().slice(0, 10);
  });
  return dates.filter((date) => isSession(calendar, date));
}

function closedName(calendar: TradingCalendar, date: string): string | undefined {
  return isSession(calendar, date)
    ? undefined
    : calendar.closedDays.find((day) => day.date === date)?.name?.en;
}

function localHours(calendar: TradingCalendar, date: string): string {
  return hours(calendar, date, calendar.timeZone);
}

function utcHoursOf(calendar: TradingCalendar, date: string): string {
  return hours(calendar, date, 'UTC');
}

function hours(calendar: TradingCalendar, date: string, zone: string): string {
  const session = sessionOf(calendar, date);
  if (session === undefined) return 'closed';
  return [session.openMs, session.closeMs].map((ms) => formatInstant(ms, zone).slice(11, 16)).join('-');
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
