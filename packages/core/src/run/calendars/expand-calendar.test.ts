import { describe, expect, it } from 'vitest';
import { buildCalendar } from './build-calendar.ts';
import type { CalendarTable } from './calendar-table.ts';
import { expandCalendar } from './expand-calendar.ts';
import { sessionList } from './session-list.ts';

const name = { en: 'Desk', ko: '데스크' };
const table: CalendarTable = {
  id: 'DESK',
  name,
  timeZone: 'America/New_York',
  fromDate: '2026-03-02',
  toDate: '2026-03-13',
  weekdays: [1, 2, 3, 4, 5],
  hours: [
    { fromDate: '2026-03-02', open: '09:00', close: '16:00' },
    { fromDate: '2026-03-10', open: '08:00', close: '16:00' },
  ],
  closed: [{ name, dates: '2026-03-04\n 2026-03-05' }],
  special: [
    { name, dates: '2026-03-06', close: '12:00' },
    { name, dates: '2026-03-12', open: '18:00-1d' },
  ],
};

describe('a table', () => {
  it('expands to sessions with the hours of their dates', () => {
    const calendar = expandCalendar(table);
    expect(sessionList(calendar).split('\n')).toEqual([
      'date,open_utc,close_utc',
      '2026-03-02,14:00,21:00',
      '2026-03-03,14:00,21:00',
      '2026-03-06,14:00,17:00',
      '2026-03-09,13:00,20:00',
      '2026-03-10,12:00,20:00',
      '2026-03-11,12:00,20:00',
      '2026-03-12,22:00-1d,20:00',
      '2026-03-13,12:00,20:00',
      '',
    ]);
    expect(calendar.sessions.map(({ kind }) => kind)).toEqual([
      ...['regular', 'regular', 'early-close', 'regular'],
      ...['regular', 'regular', 'early-open', 'regular'],
    ]);
    expect(calendar.closedDays.map(({ date }) => date)).toEqual(['2026-03-04', '2026-03-05']);
  });

  it.each<[string, Partial<CalendarTable>]>([
    ['names 2026-03-04 twice', { closed: [...table.closed, { name, dates: '2026-03-04' }] }],
    ['2026-03-07 (Desk) has no session anyway', { closed: [{ name, dates: '2026-03-07' }] }],
    ['2026-04-01 (Desk) has no session anyway', { closed: [{ name, dates: '2026-04-01' }] }],
    ["'2026-02-30' is not a date", { closed: [{ name, dates: '2026-02-30' }] }],
    ['2026-03-04 has special hours and no session', { special: [{ name, dates: '2026-03-04' }] }],
    ['has no hours on 2026-03-02', { hours: [{ fromDate: '2026-03-03', open: '09:00', close: '16:00' }] }],
    ['9 is not exactly one moment', { hours: [{ fromDate: '2026-03-02', open: '9', close: '16:00' }] }],
    ['closes before it opens', { hours: [{ fromDate: '2026-03-02', open: '16:00', close: '09:00' }] }],
    ['does not follow 2026-03-11', { special: [{ name, dates: '2026-03-12', open: '15:00-1d' }] }],
    ['has no sessions', { weekdays: [], closed: [], special: [] }],
  ])('that contradicts itself is refused: %s', (message, change) => {
    expect(() => expandCalendar({ ...table, ...change })).toThrow(message);
  });

  it('that opens at an hour which the clock skips is refused', () => {
    const sunday = { fromDate: '2026-03-08', toDate: '2026-03-08', weekdays: [0], closed: [], special: [] };
    const hours = [{ fromDate: '2026-03-08', open: '02:30', close: '16:00' }];
    expect(() => expandCalendar({ ...table, ...sunday, hours })).toThrow('02:30 is not exactly one moment');
  });
});

describe('the parts of a calendar', () => {
  it('must hold each date once', () => {
    const session = { date: '2026-03-02', openMs: 0, closeMs: 1, kind: 'regular' } as const;
    const parts = { id: 'X', name, timeZone: 'UTC', weekdays: [1], closedDays: [] };
    expect(() =>
      buildCalendar({ ...parts, sessions: [session, { ...session, openMs: 1, closeMs: 2 }] }),
    ).toThrow('2026-03-02 does not follow 2026-03-02');
  });
});
